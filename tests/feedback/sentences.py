"""Comments as customers write them, by the reason that their words should give; None: no telling words."""

from feedback.reasons import Reason

ENGLISH = {
    Reason.NEVER_ARRIVED: [
        "The package never arrived and the seller does not answer.",
        "I still haven't received my order.",
        "Tracking says delivered but there is nothing here.",
        "It was out of stock and they cancelled my order.",
        "Lost in the mail, apparently.",
        "still waiting for my parcel",
    ],
    Reason.LATE_DELIVERY: [
        "Came two weeks late, missed the birthday.",
        "Shipping was slow. Took over a month to get here.",
        "Arrived after Christmas!",
        "did not arrive on time",
    ],
    Reason.CARRIER_DAMAGE: [
        "Damaged during shipping by the courier.",
        "The box was crushed in transit",
    ],
    Reason.UNDELIVERABLE: [
        "Returned to sender although the address was right.",
        "I had to go to the post office to pick it up",
    ],
    Reason.CHANGED_MIND: [
        "Changed my mind, sorry.",
    ],
    Reason.ORDERED_BY_MISTAKE: [
        "I ordered the wrong size by mistake.",
        "Accidentally bought two of these.",
    ],
    Reason.BETTER_PRICE: [
        "Found it cheaper elsewhere.",
    ],
    Reason.NO_LONGER_NEEDED: [
        "We no longer need it.",
        "didn't need",
    ],
    Reason.UNAUTHORIZED: [
        "My son ordered it without my permission",
    ],
    Reason.DEFECTIVE: [
        "The kettle doesn't work.",
        "Stopped working after three days.",
        "Won't turn on at all",
        "It isn't working",
        "Never arrived on time and it does not work either.",
    ],
    Reason.POOR_QUALITY: [
        "Very poor quality, the seam came apart.",
        "cheaply made and flimsy",
        "Handle broke after one use",
    ],
    Reason.DAMAGED: [
        "Arrived with a big crack in the lid.",
        "The mug was broken.",
        "Arrived late and the glass was broken.",
    ],
    Reason.MISSING_PARTS: [
        "Two screws are missing.",
        "Only one came, I paid for a pair.",
        "The box was empty.",
    ],
    Reason.WRONG_ITEM: [
        "They sent me the wrong item.",
        "I got a different model than I ordered.",
        "not what I ordered",
    ],
    Reason.EXPIRED: [
        "The chocolate was expired",
    ],
    Reason.USED_SOLD_AS_NEW: [
        "It was clearly used, there was hair in it.",
    ],
    Reason.COUNTERFEIT_SUSPECTED: [
        "This is a fake, not genuine leather.",
    ],
    Reason.SAFETY: [
        "It caught fire on the stove.",
        "I got an electric shock",
    ],
    Reason.NOT_COMPATIBLE: [
        "Not compatible with my phone.",
        "Doesn't fit my car",
    ],
    Reason.NOT_AS_DESCRIBED: [
        "Not as described.",
        "Looks nothing like the picture",
    ],
    Reason.INACCURATE_PAGE: [
        "The description is misleading.",
    ],
    Reason.INCOMPLETE_PAGE: [
        "The listing does not mention the voltage.",
    ],
    Reason.TOO_SMALL: [
        "Way too small, runs small.",
        "Smaller than expected",
    ],
    Reason.TOO_LARGE: [
        "Too big for me, runs large.",
    ],
    Reason.STYLE_DIFFERS: [
        "I do not like the fabric.",
    ],
    Reason.COLOR_DIFFERS: [
        "The color is completely off.",
    ],
    None: [
        "Great product, no defects, arrived on time.",
        "No damage at all, fast delivery.",
        "Terrible seller, I want my money back.",
        "I have not received a reply to my email.",
        "The website did not work for me.",
        "Bad.",
    ],
}

FRENCH = {
    Reason.NEVER_ARRIVED: [
        "Je n'ai jamais reçu mon colis.",
        "Toujours pas reçu après un mois",
        "Le colis n'est jamais arrivé.",
        "Le suivi indique livré, mais rien dans la boîte aux lettres.",
        "Rupture de stock, commande annulée par le vendeur",
        "J'attends toujours ma commande",
    ],
    Reason.LATE_DELIVERY: [
        "Livré avec deux semaines de retard.",
        "Livraison beaucoup trop longue",
        "Le délai n'est pas respecté",
        "Arrivé après Noël.",
    ],
    Reason.CARRIER_DAMAGE: [
        "Colis abîmé par le transporteur",
        "Cassé pendant le transport.",
    ],
    Reason.UNDELIVERABLE: [
        "Retourné à l'expéditeur sans raison.",
        "J'ai dû aller le chercher au bureau de poste",
    ],
    Reason.CHANGED_MIND: [
        "J'ai changé d'avis.",
    ],
    Reason.ORDERED_BY_MISTAKE: [
        "Commandé par erreur, c'est ma faute.",
        "Je me suis trompé de taille",
    ],
    Reason.BETTER_PRICE: [
        "Trouvé moins cher ailleurs.",
    ],
    Reason.NO_LONGER_NEEDED: [
        "Je n'en ai plus besoin.",
    ],
    Reason.DEFECTIVE: [
        "La bouilloire ne fonctionne pas.",
        "Tombé en panne au bout de trois jours",
        "ne s'allume plus",
        "Produit défectueux",
    ],
    Reason.POOR_QUALITY: [
        "Très mauvaise qualité.",
        "Camelote, bon pour la poubelle",
        "Se décolle après deux lavages",
    ],
    Reason.DAMAGED: [
        "Arrivé cassé.",
        "L'écran est rayé",
        "Reçu en retard et en plus cassé.",
    ],
    Reason.MISSING_PARTS: [
        "Il manque deux vis.",
        "Je n'ai reçu qu'un seul gant",
        "Boîte vide !",
    ],
    Reason.WRONG_ITEM: [
        "On m'a envoyé le mauvais article.",
        "Ce n'est pas ce que j'ai commandé",
        "J'ai reçu un autre modèle",
    ],
    Reason.EXPIRED: [
        "Produit périmé depuis mars",
    ],
    Reason.USED_SOLD_AS_NEW: [
        "Déjà utilisé, pas neuf du tout.",
    ],
    Reason.COUNTERFEIT_SUSPECTED: [
        "C'est une contrefaçon.",
    ],
    Reason.SAFETY: [
        "Dangereux, il a pris feu",
        "Mon fils a fait une réaction allergique",
    ],
    Reason.NOT_COMPATIBLE: [
        "Pas compatible avec mon appareil",
    ],
    Reason.NOT_AS_DESCRIBED: [
        "Ne correspond pas à la description.",
        "Rien à voir avec la photo",
    ],
    Reason.INACCURATE_PAGE: [
        "Publicité mensongère.",
    ],
    Reason.TOO_SMALL: [
        "Taille trop petit.",
        "Beaucoup plus petite que prévu",
    ],
    Reason.TOO_LARGE: [
        "C'est trop grand pour moi",
    ],
    Reason.COLOR_DIFFERS: [
        "La couleur est différente.",
    ],
    None: [
        "Aucun défaut, livré dans les délais.",
        "Livraison rapide, rien à redire.",
        "Je n'ai jamais eu de remboursement.",
        "Nul. Vendeur malhonnête.",
    ],
}

PORTUGUESE = {
    Reason.NEVER_ARRIVED: [
        "Não recebi o produto.",
        "ainda nao chegou",
        "Até hoje o pedido não foi entregue e ninguém responde",
        "ñ recebi nada",
        "Cancelaram minha compra por falta de estoque.",
        "Extraviado pelos correios",
        "Aguardando a entrega",
        "Consta como entregue mas não recebi.",
    ],
    Reason.LATE_DELIVERY: [
        "Atrasou muito.",
        "Demorou quase um mês",
        "Chegou fora do prazo.",
        "A entrega está atrasadaaaa",
    ],
    Reason.CARRIER_DAMAGE: [
        "A transportadora quebrou a caixa",
    ],
    Reason.UNDELIVERABLE: [
        "Tive que buscar na agência dos Correios",
        "Voltou para o remetente",
    ],
    Reason.CHANGED_MIND: [
        "Desisti da compra.",
    ],
    Reason.ORDERED_BY_MISTAKE: [
        "Comprei errado, erro meu.",
    ],
    Reason.BETTER_PRICE: [
        "Achei mais barato em outra loja",
    ],
    Reason.NO_LONGER_NEEDED: [
        "Não quero mais o produto.",
    ],
    Reason.UNAUTHORIZED: [
        "Não fiz essa compra",
    ],
    Reason.DEFECTIVE: [
        "Veio com defeito.",
        "O relógio não funciona",
        "Parou de funcionar em dois dias",
        "Não chegou no prazo e veio com defeito",
    ],
    Reason.POOR_QUALITY: [
        "Péssima qualidade, material vagabundo.",
        "O tecido é muito ruim",
    ],
    Reason.DAMAGED: [
        "Chegou quebrado.",
        "caixa toda amassada e vidro trincado",
        "Demorou e chegou quebrado.",
    ],
    Reason.MISSING_PARTS: [
        "Comprei duas cadeiras e só recebi uma.",
        "Veio faltando parafusos",
        "recebi só um",
        "Entrega incompleta",
        "Chegou atrasado e incompleto",
    ],
    Reason.WRONG_ITEM: [
        "Veio errado.",
        "Pedi azul e me mandaram outro modelo",
        "não recebi o produto correto",
    ],
    Reason.EXPIRED: [
        "Produto vencido",
    ],
    Reason.USED_SOLD_AS_NEW: [
        "Produto usado, com sinais de uso",
    ],
    Reason.COUNTERFEIT_SUSPECTED: [
        "É falsificado, não é original.",
    ],
    Reason.SAFETY: [
        "Levei um choque",
    ],
    Reason.NOT_COMPATIBLE: [
        "Não serve no meu carro, não encaixa.",
    ],
    Reason.NOT_AS_DESCRIBED: [
        "Não corresponde ao anúncio.",
        "Totalmente diferente da foto",
    ],
    Reason.INACCURATE_PAGE: [
        "Propaganda enganosa",
    ],
    Reason.TOO_SMALL: [
        "Ficou muito pequeno",
    ],
    Reason.TOO_LARGE: [
        "Muito grande",
    ],
    Reason.COLOR_DIFFERS: [
        "A cor é diferente",
    ],
    None: [
        "Chegou antes do prazo.",
        "Sem defeito, entrega rápida.",
        "Não recebi resposta da loja",
        "Péssimo atendimento!",
        "Quero meu dinheiro de volta",
        "Estou aguardando o reembolso",
    ],
}
