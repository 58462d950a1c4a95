"""Telling words of French, as written in France and Canada. How to write entries: matching.py.

An apostrophe parts words: "je n'ai pas" is `je n ai pas`. Out of stock and canceled by the shop are
"never arrived": the customer never had the product.
"""

from feedback.reasons import Reason
from feedback.words.matching import WordList

# A comment whose only telling words are these is not counted.
DELIVERY: dict[Reason | None, str] = {
    Reason.NEVER_ARRIVED: """
        jamais/pas/rien/toujours/sans/aucun/encore .. recu/recue/recus/recues/recevoir/recois/reception
        jamais/pas/rien .. arrive/arrivee/arrives/arriver/arrivees
        jamais/pas .. livre/livree/livres/livraison
        jamais/pas .. expedie/expediee/envoye/envoyee/distribue/distribuee
        n arrive/arrivera jamais/pas/toujours
        attends/attend/attendons/attente/attendre .. livraison/colis/commande/produit
        attends/attend/attendons/attente/attendre .. article/paquet/reception/toujours, toujours en attente
        j attends encore/toujours, ou est mon/ma/le, colis/commande/paquet .. perdu/perdue/egare
        perdu/perdue/egare/egaree .. poste/transport/livraison/livreur/transporteur, colis vole
        non recu/recue/livre/livree/reception, rien eu, commande .. ete annulee, vole
        indique/marque/note/declare/affiche .. livre/livree, livre chez/au voisin/voisins, rupture de stock
        en rupture, plus/pas en stock, plus/pas disponible, indisponible, commande annulee
        annule ma commande, commande .. annulee .. vendeur, suivi, numero de suivi, aucune livraison
        aucune nouvelle, pas de nouvelle/nouvelles .. commande/colis
        """,
    Reason.LATE_DELIVERY: """
        retard/retards/retarde/retardee, en retard, tardif/tardive, trop tard
        livraison .. trop/tres/bien longue/long/lente/tard/tardive, livraison .. longue/lente/tard
        livraison .. catastroph*/mauvaise/nulle/horrible/deplorable/lamentable, mauvaise livraison
        delai/delais, hors delai, delai .. depasse/depasses/respecte/long/longs, dates de livraison
        date .. livraison .. depassee/respectee, date de livraison, temps de livraison
        plus de # jours/semaines/mois, trop de temps, beaucoup de temps
        tres long .. arriver/livrer/recevoir, trop long .. arriver/livrer/recevoir
        semaines/mois pour arriver/recevoir/livrer, apres noel, apres l anniversaire, apres la date
        arrive/arrivee/livre/recu .. jours/semaines/mois apres, arrive/livre/recu trop tard
        probleme* .. livraison, probleme* .. transporteur, livreur*, transporteur*, facteur, coursier
        """,
    Reason.CARRIER_DAMAGE: """
        casse*/abime*/endommage*/brise*/ecrase* .. transport/livraison/livreur/transporteur/poste/facteur
        transporteur/livreur/facteur .. casse*/abime*/endommage*/brise*/ecrase*/lance/jete
        dommage* .. transport/livraison, avarie* .. transport, bris de transport
        """,
    Reason.UNDELIVERABLE: """
        mauvaise adresse, adresse .. incorrecte/incomplete/erronee/fausse/insuffisante, erreur d adresse
        retour/retourne/retournee/renvoye .. expediteur/envoyeur, non distribuable
        du/devoir/fallu aller/alle .. chercher/poste/relais, aller le/la chercher, point relais
        bureau de poste, laisse/depose/abandonne .. dehors/porte/pluie/voisin/hall/rue
        """,
    Reason.REFUSED: """
        refuse/refusee .. livraison/colis/paquet, j ai refuse le/la
        """,
}

# So are these: the buyer's own doing.
BUYER: dict[Reason | None, str] = {
    Reason.CHANGED_MIND: """
        change d avis, changement d avis, changer d avis, droit de retractation, retractation
        je me suis ravise*, j ai annule, me suis retracte*
        """,
    Reason.ORDERED_BY_MISTAKE: """
        erreur de ma/notre part, mon erreur, ma faute, commande/commandee/achete/achetee par erreur
        trompe/trompee de taille/modele/produit/article/couleur/reference, me suis trompe/trompee
        je me suis trompe/trompee, mal choisi, commande/achete/choisi/pris le mauvais
        commande/achete/choisi/pris la mauvaise, commande en double, commande/achete deux fois
        mauvaise manipulation
        """,
    Reason.BETTER_PRICE: """
        trouve/vu .. moins cher, moins cher ailleurs/chez/en/dans/sur, meilleur prix ailleurs/chez/en
        meilleur prix
        """,
    Reason.NO_LONGER_NEEDED: """
        plus/pas besoin, n en ai/avais plus/pas, ne .. veux plus, plus utile, n est plus necessaire
        recu en cadeau, deja un/une autre, en ai deja, plus l utilite
        """,
    Reason.UNAUTHORIZED: """
        pas/jamais commande ce/cet/cette, sans mon accord/autorisation/consentement, achat non autorise
        non autorise/autorisee, mon fils/enfant .. commande, ma fille .. commande, compte .. pirate/piratee
        carte .. piratee, achat/commande frauduleux/frauduleuse
        """,
}

# Any one of these makes a comment count, whatever else it says.
PRODUCT: dict[Reason | None, str] = {
    Reason.DEFECTIVE: """
        defaut*, defectueu*, defaillan*, ne/n .. fonctionn*/marche*/s allume/s allument/demarre*/chauffe*
        fonctionne/marche pas/plus/mal, en panne, panne, tombe/tombee en panne, hors service, hs, mort/morte
        ne charge/tient/colle/ferme/ouvre/s ouvre/imprime/connecte pas/plus, ne tient pas .. charge
        ne se connecte/ferme/charge pas/plus, n adhere/adherent pas, ne colle/collent pas, dysfonctionn*
        inutilisable*, inutile/inutiles, fuite, fuit, arrete de fonctionner/marcher/charger
        cesse de fonctionner, court circuit, grille apres, brule apres, cesse de marcher, surchauffe*
        allume plus/pas, reconnait pas
        """,
    Reason.POOR_QUALITY: """
        mauvaise/pietre/basse/faible/moindre qualite
        qualite .. mauvaise/mediocre/mediocres/nulle/deplorable/faible
        qualite .. decevante/horrible/laisse/douteuse/inferieure/merdique/pas, produit mauvais
        manque de qualite, pas .. qualite, bas de gamme, camelote, cochonnerie, pacotille, merde, merdique*
        trop/tres/bien/vraiment/si fragile*
        mal fini/finie/finis/fait/faite/cousu/cousue/fabrique/concu/emballe/emballee, finition*, pas solide*
        peu solide, se decoll*, decolle/decollee/decollent, se dechir*, decousu*, s effiloch*, deteint
        deteindre, retreci*, rouille*, jetable, bon pour la poubelle, a la poubelle, poubelle, pas tenu
        n a pas dure, dure/tenu # jours/semaines/mois/utilisations, ne tient pas, ne dure pas
        mauvaise/forte odeur, odeur, pue, sent mauvais, trop fin/fine/mince, tres fin/mince
        trop/tres transparent*, du toc, de la daube, produit/article nul, c est nul, totalement/vraiment nul
        inconfortable*, bruyant/bruyante, instable, bancal/bancale
        casse/brise apres/au/des/en/rapidement/facilement, gaspillage d argent, ne vaut pas, argent jete
        """,
    Reason.DAMAGED: """
        casse/cassee/casses/cassees, brise/brisee/brises/brisees, abime/abimee/abimes/abimees, endommage*
        dechire*, raye/rayee/rayes/rayees, rayure*, egratign*, fissure*, fele/felee, ebreche*
        tachee/tachees, taches, tache sur, tres/tout/toute/est/etait/arrive/arrivee sale, moisi*
        troue/trouee, trou dans, bosse/bosses/bossele*, cabosse*, ecrase*, tordu*, plie/pliee, gondole*
        renverse/renversee, mouille*, boite/emballage/carton ouvert/ouverte, deja ouvert/ouverte
        deballe/deballee, avarie*, en morceaux
        """,
    Reason.MISSING_PARTS: """
        manque/manquait/manquent/manquaient/manquant/manquante/manquants/manquantes, il manque, incomplet*
        recu/recus/livre/arrive qu un/une, recu/livre que #/deux/trois/la/le, n ai recu que
        recu seulement #/un/une, seulement #/un/une .. recu/recue/livre/livree/arrive/arrivee
        pas .. complet/complete, sans notice/vis/cable
        sans chargeur/telecommande/pile/piles/mode/couvercle/accessoire*, boite/colis/carton/enveloppe vide
        vide a l interieur, la moitie .. commande/colis/articles, une partie .. commande
        pas fourni/fournie/fournis, non fourni/fournie, pas inclus/incluse, n est pas inclus, il en manque
        commande/achete # .. recu #/un/une/seulement, un seul .. recu/livre/dans
        """,
    Reason.WRONG_ITEM: """
        mauvais article/produit/modele/colis/format/objet
        mauvaise taille/couleur/reference/piece/pointure/version, pas le bon/la bonne
        n est pas .. bon/bonne, pas ce que j ai/avais commande/achete, pas ce que je voulais
        pas celui/celle que, pas l article que, pas le produit que, recu/livre/envoye/expedie .. autre
        autre produit/article/modele/marque
        erreur de produit/article/modele/commande/taille/couleur/reference/preparation, au lieu de/du/d
        rien a voir avec ma/la commande, produit different, article different, modele different, autre chose
        trompe .. article/produit/commande
        """,
    Reason.MISLABELLED: """
        mal etiquete*, etiquette .. erron*/mauvaise/fausse/indique, erreur d etiquet*, mauvaise etiquette
        """,
    Reason.EXPIRED: """
        perime/perimee/perimes/perimees, date de peremption, peremption, date depassee
        expire/expiree/expires, date limite .. consommation, rance, pourri*
        """,
    Reason.USED_SOLD_AS_NEW: """
        produit/article/deja/etat usage/usagee, usagee/usagees, d occasion, reconditionne*
        deja utilise/utilisee/servi/porte/portee, deja ete utilise/ouvert/porte, pas neuf/neuve
        n est pas neuf, traces d utilisation/usure, seconde main, reemballe*, vendu comme neuf
        """,
    Reason.COUNTERFEIT_SUSPECTED: """
        contrefac*, contrefait*, copie, faux/fausse produit/parfum/article/marque, c est un faux, imitation*
        replique*, pas authentique*, pas l original, pas original/originale, pas d origine, pas un vrai
        """,
    Reason.SAFETY: """
        dangereu*, pris feu, prend feu, incendie, fumee, etincelle*, explos*, electrocut*
        decharge electrique, choc electrique, brulure*, me suis brule, allerg*, blesse/blessee/blessure*
        irritation*, toxique*, fondu
        """,
    Reason.NOT_COMPATIBLE: """
        incompatible*, pas/non compatible*, ne .. s adapte* pas, ne s adapte pas
        ne rentre/rentrent/entre pas, n est pas adapte/adaptee, ne va/vont pas sur/avec/dans
        ne s emboite pas, ne correspond pas .. appareil/modele
        """,
}

LISTING: dict[Reason | None, str] = {
    Reason.NOT_AS_DESCRIBED: """
        pas/non conforme*, pas .. description/photo/image/annonce/descriptif, ne correspond*
        correspond* pas/aucunement, correspond pas, rien a voir
        different/differente/differents/differentes de/du/des, pas comme .. photo/image
        pas .. comme decrit/annonce/indique/prevu, pas ce a quoi
        pas ce que .. attendais/pensais/croyais/imaginais, ne ressemble pas, ressemble pas
        loin de .. photo/description, pas fidele, pas du tout ce
        """,
    Reason.INACCURATE_PAGE: """
        publicite mensongere, mensonger*, fausse publicite, trompeur*/trompeuse*, induit en erreur
        arnaque sur
        description/photo/image/annonce/fiche .. fausse/faux/erron*/inexact*/incorrecte/mensong*
        photo/image .. differente/retouchee, dimensions/mesures .. fausses/incorrectes/erron*/bonnes
        erreur dans .. description/annonce/fiche, contrairement a .. description/annonce/photo
        """,
    Reason.INCOMPLETE_PAGE: """
        pas precise/indique/mentionne .. description/annonce/fiche/site/page
        description .. incomplete/insuffisante
        description/annonce/fiche/site ne precise/indique/mentionne/dit pas
        manque d information* .. produit/annonce, aucune indication .. taille/dimension*
        manque de precision*
        """,
    Reason.TOO_SMALL: """
        trop/tres/vraiment/tellement/bien petit*/court*/serre*/etroit*/juste/minuscule*, plus petit* que
        taille petit/trop petit, taille tres petit, beaucoup plus petit*, minuscule*, rikiki
        pas assez grand*/long*/large*
        """,
    Reason.TOO_LARGE: """
        trop/tres/vraiment/tellement/bien grand*/large*/long/longue/ample*/gros/grosse, plus grand* que
        plus gros* que, taille grand/trop grand, taille tres grand, beaucoup plus grand*
        vraiment/bien/est/sont enorme/enormes
        """,
    Reason.STYLE_DIFFERS: """
        n aime pas .. style/tissu/matiere/coupe/modele, tissu/matiere .. different/differente/pas
        coupe .. mal/bizarre/pas, mal coupe/coupee/taille, ne me va pas, tombe mal
        """,
    Reason.COLOR_DIFFERS: """
        couleur .. differente/fausse/fade/pas/erron*, pas la .. couleur, autre couleur
        n aime pas .. couleur, couleurs .. differentes/pas/fades, teinte .. differente
        """,
}

# These silence the words inside them.
FALSE_FRIENDS = """
    sans/aucun/aucune/pas .. defaut*/probleme*/rayure*/dommage*/odeur/retard
    sans/aucun/aucune/pas de/d retard, aucun retard, pas .. casse/abime/endommage, rien de casse
    rien ne manque, ne manque rien, pas trop petit/grand, avant la date, dans les delais, dans le delai
    delai* .. respecte* .. bien, livre/recu/arrive .. avance, arrive/livre/recu .. rapid*
    livraison .. rapide/impeccable/parfaite/correcte/bonne/ok, livraison rapide
    livre/recu/arrive dans les delais/temps, livraison dans les delais/temps, a temps
    pas/jamais/rien/aucun/aucune recu .. remboursement/reponse/retour/mail/courriel/argent/message
    pas/jamais/aucun/aucune/toujours .. remboursement/reponse/courriel/mail, aucune reponse
    attends/attente/attend .. remboursement/reponse/retour/echange/argent
    attends/attente/attend .. remboursement/reponse/retour/echange .. commande/produit/colis/article
    service .. ne .. fonctionn*/marche*, site/lien/telephone/numero/code ne .. fonctionn*/marche*
    site/lien/numero/code ne fonctionne/marche pas, service client .. nul/mauvais*, vendeur nul
    delai de retour/retractation/remboursement, prix d occasion, bonne occasion, a l occasion, suivi client
    sent bon, bonne odeur, bon marche, manque de respect/serieux/professionnalisme, bien different
    mode d emploi
"""

FR = WordList(
    language="fr",
    entries={None: FALSE_FRIENDS, **DELIVERY, **BUYER, **PRODUCT, **LISTING},
    spellings={
        "#": "deux trois quatre cinq six sept huit neuf dix douze",
        "pas": "pa",
    },
)
