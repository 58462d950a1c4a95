"""Words that tell nothing about what is wrong, in English, French and Portuguese, as `fold` writes them.

They begin and end no phrase that recurs in comments (feedback/recurring.py): grammar, times and amounts,
praise and blame in general, and whatever is said about every purchase.
"""

from typing import Final

_ENGLISH = """
    a about above after again against ago all almost already also although always am an and another any
    anymore anyone anything anyway apart are arent around as asked at away back be became because been
    before began behind being below besides between both but by came can cannot cant come comes coming
    completely could couldnt did didnt do does doesnt doing done dont down during each easily either else
    enough entire entirely even ever every everything except far few first for found from fully further
    gave get gets getting give given go goes going gone got had hadnt half happened happens has hasnt have
    havent having he her here hers him his how however i id if ill im in inside instead into is isnt it
    its itself ive just keep keeps kept know last later least less let like little long longer lot made
    make makes making many may maybe me mean means might mine more most much must my myself near nearly
    need needed needs never new next no none nor not nothing now of off often ok okay on once one ones
    only onto or other others our ours out outside over own per perhaps please put quite rather really
    right said same saw say saying says see seem seemed seems seen several shall she should shouldnt show
    shows side since so some somehow someone something sometimes somewhat soon still such sure take taken
    takes than thanks that thats the their them then there theres these they thing things think third this
    those though thought through till to together told too took totally toward towards tried tries try
    trying turned twice two under until unfortunately unless up upon us use used uses using usual usually
    very via wait want wanted wants was wasnt way we well went were werent weve what when where whether
    which while who whole whom whose why will with within without wont would wouldnt wow wrote yes yet you
    youd your yours zero three four five six seven eight nine ten second seconds minute minutes hour hours
    day days night week weeks month months year years time times today yesterday tomorrow morning evening
    monday tuesday wednesday thursday friday saturday sunday spring summer autumn winter amazing awful bad
    badly best better clearly difficult disappointed disappointing disappointment excellent fine good
    great happy hate hated hope hoped horrible hopefully love loved nice perfect pity poor really sad
    sadly sorry sucks terrible unhappy useless waste wasted worst worse worth worthless wrong careful
    bought buy buying customer expect expected feedback honest item items money order ordered ordering
    piece price product products purchase purchased quality receive received receiving recommend refund
    refunded replace replaced replacement return returned returning review reviews seller send sending
    sent service shop star stars store vendor work worked working works stop stopped stops start started
    starts happen problem problems issue issues arrive arrived fix mother father husband wife daughter son
    friend family
"""
_FRENCH = """
    a afin ai aie ailleurs ainsi alors apres as assez au aucun aucune aujourd aussi autre autres aux
    avaient avais avait avant avec avez avoir avons beaucoup bien bref c ca car ce ceci cela celle celles
    celui cependant ces cet cette ceux chaque chez chose ci combien comme comment contre d dans de deja
    demain depuis des dessous dessus deux devant doit donc dont du elle elles en encore enfin entre est et
    etait etaient etais ete etes etre eu eux fait faire fais faut fois font hier hors hui ici il ils j
    jamais je jour jours jusqu jusque juste l la laquelle le lequel les leur leurs lors lui m ma mais
    malgre me meme memes mes mien moi moins mois mon n ne ni non nos notre nous nouveau on ont ou oui par
    parce pas pendant peu peut peux plus plusieurs plutot point pour pourquoi pourtant presque pris pu
    puis qu quand que quel quelle quelles quels quelque quelques qui quoi rien s sa sans se selon semaine
    semaines sera ses seul seule seulement si sien soi soit sommes son sont sous suis sur t ta tant te tel
    telle tellement temps tes toi ton toujours tous tout toute toutes tres trois trop tu un une va vers
    veux vient voici voila vos votre vous vraiment vu y annee annees an ans heure heures minute minutes
    quatre cinq six sept huit neuf dix premier premiere fin debut attention bon bonne bonnes bons correct
    decu decue decevant decevante deception dommage excellent horrible mal malheureusement mauvais
    mauvaise mauvaises meilleur mieux nul nulle parfait pire triste achat achats acheter achete achetee
    acheterai achetez article articles avis bouge client commande commandes commander commandee conforme
    dit envoi envoye envoyer espere espoir etoile etoiles fonctionne fonctionner fonctionnait marche
    marchait mis mettre objet payer prix probleme problemes produit produits qualite recevoir recu recue
    recus remboursee rembourse rembourser remboursement renvoie renvoyer renvoye retour retourne retourner
    service vendeur voir cadeau mere pere famille amie ami
"""
_PORTUGUESE = """
    a agora ai ainda algo alguem algum alguma alguns ali antes ao aos apenas apos aqui aquela aquele
    aquilo as assim ate atras b bem c cada com como contra coisa d da das de dela dele demais dentro
    depois desde dessa desse desta deste deve dia dias do dois dos duas e ela elas ele eles em enquanto
    entao entre era essa esse esta estao estar estava este estou eu faz fazer fez ficou foi fora foram
    fosse ha hoje hora horas isso isto ja la lhe logo mais mas me mes meses mesma mesmo meu minha muita
    muito muitos n na nada nao naquela nas nem nenhum nenhuma nessa nesse nesta neste no nos nossa nosso
    num numa nunca o onde ontem os ou outra outro outros para parece pela pelo per pois por porem porque
    porq pouco pra pro primeira primeiro proprio q qual qualquer quando quanto quase que quem quero sao se
    seja sem sempre sendo ser sera seu sim so sobre sua tal talvez tambem tao te tem tempo ter teve tinha
    toda todo todos tres tudo u um uma umas uns vai vao vc veio vem vez vezes vieram vir voce voces fica
    ficam ficando ano anos semana semanas quatro cinco seis sete oito nove dez vi bom boa bons boas
    decepcionada decepcionado decepcao excelente gostei horrivel infelizmente legal mal melhor otima otimo
    pessima pessimo pior ruim satisfeita satisfeito adorei lamentavel avaliacao chegar chegou chega compra
    compras comprar comprei compro consta devolucao devolver dinheiro entrega entregue entregaram enviado
    enviaram enviar esperava estrela estrelas funciona funcionar funcionou gostaria item itens loja lojas
    mercadoria nota pagar pago paguei pedido pedi preco problema problemas produto produtos qualidade
    receber recebi recebido recomendo servico solicitei troca trocar vende vendedor veja
"""

FILLER: Final = frozenset(f"{_ENGLISH} {_FRENCH} {_PORTUGUESE}".split())
