"""Telling words of Portuguese, as written in Brazilian reviews. How to write entries: matching.py.

Read off some 600 one-star reviews of a Brazilian marketplace and widened with what buyers of other
goods would write. Out of stock and canceled by the shop are "never arrived": the customer never had
the product, so nothing was said about it or its page.
"""

from feedback.reasons import Reason
from feedback.words.matching import WordList

# A comment whose only telling words are these is not counted.
DELIVERY: dict[Reason | None, str] = {
    Reason.NEVER_ARRIVED: """
        nao/nunca/nem/sem .. receb*, nao receb*/cheg* .. que comprei/pedi/paguei/encomendei
        nao/nunca/nem .. cheg*, nao/nunca/nem .. entreg*
        nao/nunca/nem .. entrege/entregram/entregarao/interegue/enteregue
        nao/nunca .. envi*/postou/postaram/postado/despach*/encaminh*, nao/nunca/nem veio/vieram/veu/vem
        nem foi .. enviado/postado, ainda nada, ate agora nada, ate hoje nada, e nada, nada ate agora
        nada de chegar/produto/entreg*/receber, onde foi parar, nada do produto/pedido, nao vier
        vou receber, uma previsao, sem .. produto em maos, ate hoje/agora .. nada
        cade .. produto/pedido/encomenda/mercadoria/compra/meu/minha
        onde esta/ta .. produto/pedido/encomenda/mercadoria/compra, sumiu, sumiram, extravi*, desapareceu
        perdido/perdida/perdeu no/na/pelo/pela .. correio*/transport*/caminho
        aguard* .. entrega/envio/chegada/produto/pedido/encomenda/mercadoria/compra/postagem/receber/chegar
        esper* .. entrega/envio/chegada/produto/pedido/encomenda/mercadoria/receber/chegar/chegue/entrega*
        a espera .. produto/pedido/mercadoria/encomenda, no aguardo .. produto/pedido/mercadoria/entrega
        receber .. meu/minha .. produto/pedido/compra/encomenda/mercadoria, preciso receber, quero receber
        quando .. cheg*/receb*/entreg*, ainda vai chegar, vai .. ser entregue, quem recebeu
        falta de entrega, produto/pedido pendente, nao recebido, sem .. estoque, falta de estoque
        fora de estoque, nao .. estoque, indisponivel, esgotado, nao .. disponivel, nao .. disponibilidade
        produto/item/pedido inexistente
        nao tem/tinha/tinham/ter o/um produto que eu/nos queria/comprei/pedi
        por falta/falto de/do produto/producto
        nao tem/ter/tinha/tinham/possuem/possui/possuia/existe/havia .. produto/mercadoria/item/pronta
        vend* .. nao tem/tinha/tinham/possui/possuem/existe/entreg*
        pedido/compra/produto .. cancelado/cancelada, cancelaram/cancelou, cancela .. pedido/compra
        cancelamento .. loja/vendedor/sem, rastreio, rastreamento, rastrear, rastreia, rastreei
        codigo de rastr*, sem previsao, nao saiu .. lugar, reenviar/reenvio/reenviem, consta .. entregue
        diz* .. foi entregue, foi entregue .. nao/mas/sendo/porem/so
        entreg* .. outra pessoa/casa/cidade/rua, entreg* .. outro endereco/lugar/bairro
        status .. entreg*/transito/pedido, ocorrencia na entrega, entrega nao, problema* .. entreg*
        """,
    Reason.LATE_DELIVERY: """
        atraso*/atrasad*/atrasou/atrasa/atrasam/atrasaram/atrasar/atrazo*/atrazad*/atrazou
        prazo .. muito grande/maior/longo, data .. diferente, mais rapid* .. entreg*, demor*
        demor*/atras*/descaso/decepcao/prejuizo .. grande, quanto tempo, lentidao, prazo*, fora do prazo
        nao .. no/dentro/cumpr* .. prazo, descumpr* .. prazo, prazo .. vencid*/venceu/vencer, prazo expirado
        entrega/data vencida, passou/passaram/passado/passando .. prazo/data/dias/tempo
        depois/apos/alem .. prazo, data .. entrega/prevista/prometida, previsao .. entrega/chegada
        previsto/prevista .. entrega, entrega, entregas, entregador*, logistica, tempo de espera
        muito tempo, tempo .. entrega, quase/mais/faz/fazem/ha .. mes/meses/semanas, um mes
        # mes/meses/semanas, # dias fora
        so cheg*/receb*/entreg* .. depois/apos/hoje/ontem/agora/porque/quando/dia/dias
        nota fiscal .. emitida/emitir/emissao, emi* .. nota/nf, aguard* .. nota/nf, nem .. nota fiscal
        emissao .. nota, separacao, em transporte, transportadora*, frete demorad*, muita demora
        """,
    Reason.CARRIER_DAMAGE: """
        quebr*/danific*/avari*/amass*/estrag*/rach*/trinc* .. transport*/correio*/correios/entregador*
        transport*/correio/correios/entregador* .. quebr*/danific*/avari*/amass*/estrag*/rach*/trinc*
        avaria de transporte, danos no transporte
        """,
    Reason.UNDELIVERABLE: """
        correio*, correrio*, carteiro*, sedex, agencia*, endereco*, cep, remetente, posto .. entrega
        endereco/cep .. errad*/incorret*/incomplet*/insuficiente, cep errado, area .. risco/restrita
        em .. casa, em .. residencia, na .. residencia, minha casa/residencia
        tive/teve/ter/tivemos/tenho .. buscar/retirar/pegar, fui buscar/retirar/pegar, busquei, retirar
        devolv*/voltou/retorn*/retornou .. remetente
        """,
    Reason.REFUSED: """
        recusei .. receber/entrega/recebimento, nao aceitei .. entrega/receber
        """,
}

# So are these: the buyer's own doing.
BUYER: dict[Reason | None, str] = {
    Reason.CHANGED_MIND: """
        desisti/desistencia/desistir, mudei de ideia, direito de arrependimento, arrependimento
        cancelei/cancelamos, nao gostei mais, achei outro .. agradava/melhor
        """,
    Reason.ORDERED_BY_MISTAKE: """
        comprei/pedi/escolhi/encomendei/selecionei errad*, comprei/pedi .. por engano
        comprei/compro/compramos o/um produto errado, meu engano, me enganei, erro meu, meu erro
        falha minha, culpa minha, me equivoquei, sem querer
        comprei/pedi .. tamanho/modelo/cor/voltagem .. errad*, era .. voltagem errad*
        comprei .. repetido/duplicado, comprei duas vezes
        """,
    Reason.BETTER_PRICE: """
        achei/encontrei/vi/comprei .. mais barato/barata, preco melhor/menor, melhor preco
        mais barato em/na/no .. outr*/loja*
        """,
    Reason.NO_LONGER_NEEDED: """
        nao quero mais o/a/esse/ese/essa/este/esta/meu/minha .. produto/pedido/compra/mercadoria/encomenda
        nao .. preciso mais, nao .. interesse, ganhei .. de presente, ganhei outr*, ja comprei outro
        """,
    Reason.UNAUTHORIZED: """
        nao fiz .. compra/pedido, nao autorizei, nao reconheco .. compra/cobranca, compra nao autorizada
        cartao clonado, nao realizei .. compra/pedido
        """,
}

# Any one of these makes a comment count, whatever else it says.
PRODUCT: dict[Reason | None, str] = {
    Reason.DEFECTIVE: """
        defeit*, defeituos*, nao/nem/nunca .. funciona/funcionam/funcionou/funcionando
        nao/nem/nunca .. funcionar/funcionaram/funcionava/fuciona*/funsiona*, nao presta
        parou/para/paro de .. funcionar/imprimir/carregar/ligar, parou, deixou de, so funcion*
        nao/nem esta/ta ligando, nao/nem liga/acende/acendeu/carrega/carregou/imprime/imprimiu/gira/esquenta
        nao/nem cola/gruda/segura/fixa/grava/grava/abre/fecha/trava/aquece/esfria/gela/fura/corta/para
        nao .. conect*/reconhec*/emparelh*/sincroniz*, veio/chegou/ja/logo .. queimou, queimad*/queimando
        queimou em/no/na/logo/depois/apos/com, pifou, pifad*, produto/aparelho .. apresent* .. problema*
        apresent* .. defeito, produto/aparelho/veio/chegou com problema*, problema* no/do/com o produto
        mau/mal funcionamento, falhando, falha*/falhou no/na/do, descarreg*, vazando/vazamento/vaza/vazou
        curto circuito, travando/trava, marcando errado, relogio .. atras*, com mal contato, mau contato
        nao .. carregando/acendendo/girando/imprimindo/colando/esquentando, desligando, desliga sozinh*
        nao .. sinal, nao pega/pegou, chiad*/chiando, sem som, nao sai som, nao segura carga, inutil
        muito lento, e lento
        """,
    Reason.POOR_QUALITY: """
        pessima/ma/baixa/pouca/sem/nenhuma/inferior/ruim/horrivel/terrivel/duvidosa/fraca/quinta qualidade
        qualidade .. ruim/pessim*/inferior/baix*/horrivel/fraca/desejar/duvidosa/terrivel/aquem
        qualidade muito/bem/super/extremamente, nao .. qualidade, qualidade nao .. melhor*/boa
        qualidade .. precaria, bambo/bamba/manca/mancando, nada de qualidade
        fragil/frageis/fragilidade/fragilissim*/fragel, fraquinh*, mal acabad*/costurad*
        produto .. mal feit*, mal embalad*/colad*, mal/pessimo/mau acabamento
        acabamento .. ruim/pessim*/horrivel/mal/torto, vagabund*, porcaria, fuler*, tosco/tosca, bagulh*
        produto/e/um/uma/puro lixo, joguei .. lixo, produto/material/tecido .. ruim/fraco/inferior
        produto/material/tecido/cheiro pessim*/horriv*/terriv*/feio, produto e/eh/muito .. pessim*/horriv*
        produto .. nao presta, material/tecido .. fin*/transparente/vagabund*/plastico, muito leve em
        muito/bem/tao fino/fina/fraco/fraca/leve/mole/duro/aspero/ruim o/a produto, inferior, descartavel
        descostur*, descol*, desbot*, desmanch*, desfez, desfazendo, enferruj*/ferrugem, encolh*, soltou
        soltando, nao .. vale o/a, nao vale, nao .. expectativa*, produto .. feio/ridicul*/inutil/desejar
        nao fiquei satisfeit* com o produto/material, nao .. satisf* com o produto/material
        nao gostei do/da produto/material/qualidade/tecido/cheiro
        nao recomendo o/a/esse/este/essa produto/marca, pior produto, nao dura/durou, durou #/pouco/menos
        dura pouco, cheiro ruim/forte/horrivel/desagradavel/esquisito
        fede/fedendo/fedido/fedida/fedor/fedorent*, mofo, mofad*, desconfort*, machuc*, ressec*, barulhent*
        faz barulho, encardid*, pouco produto
        demor* .. carregar/ligar/esquentar/aquecer/funcionar/secar/gelar/esfriar/imprimir
        produto .. decepc*, decepc* .. com o produto, nao compre/comprem esse/este/essa/esta
        nao .. efeito/resultado, nao adianta nada, esperava mais do produto, sem cheiro, fixacao
        """,
    Reason.DAMAGED: """
        quebr*, danific*, avari*, havaria*, amassad*/amassou/amacad*, rasg*, rachad*/rachou/racharam, trinc*
        arranh*/aranh*, riscad*/riscou, com risco*, furad*, com .. furo*, lascad*, molhad*
        sujo/suja/sujos/sujas, manchad*/mancha/manchas/manchinha*/manchou, estilhac*, despedac*, esfarel*
        torto/tortos/tortas, veio/ficou/esta/chegou torta, entortad*, empenad*, violad*
        veio/chegou/vieram aberto/aberta/abertos, estrag*/estrgad*, descascad*, veio/chegou .. solt*
        em pedacos, em cacos, derram*, amolgad*, caixa/embalagem .. aberta/violada
        """,
    Reason.MISSING_PARTS: """
        faltando/faltado, faltou/faltaram, falto, falta/faltam #/um/uma/o/a/os/as/peca*/parafus*, incomplet*
        veio/chegou/vieram/chegaram/entregue/recebi sem, nao veio/vieram .. complet*/tudo/todos/todas
        nao receb*/entreg*/envi*/cheg* .. complet*/tudo/todos/todas/todo/quantidade/restante/demais
        nao receb*/entreg*/envi*/cheg* o/a outro/outra, nao .. entreg* corretamente
        continha/tinha/vem/vinha so/somente/apenas #/um/uma, caixa .. vazia, veio vazio/vazia
        cade .. outro/outra, receb*/veio/cheg* metade, so/somente/apenas #/um/uma delas/deles/dos/das
        comprei/pedi/paguei .. e receb*/veio/chegou/vieram so/somente/apenas, e somente/apenas #/um/uma
        so tem/tinha .. #/um/uma
        so/somente/apenas receb*/veio/vieram/cheg*/entreg*/mandaram/enviaram #/um/uma/metade
        nao veio/vieram manual/cabo/carregador/parafuso*/peca*/tampa/controle/fonte/bateria/acessorio*
        so/somente/apenas receb*/veio/vieram/cheg*/entreg*/mandaram/enviaram/envi*
        so/somente/apenas me/foi/foram/fui .. receb*/entreg*/mandaram/enviaram/envi*/cheg*/veio
        receb*/veio/vieram/cheg*/entreg*/mandaram/enviaram/envi* somente/apenas
        receb*/veio/vieram/cheg*/entreg*/mandaram/enviaram/envi* .. so/somente/apenas #/um/uma/a/o/metade
        so/somente/apenas #/um/uma .. receb*/veio/vieram/cheg*/entreg*/mandaram/enviaram/envi*
        so .. vem uma/um parte, so/somente/apenas #/um/uma unidade/peca/item/par/caixa/pacote/kit/frasco
        recebi/chegou/chegaram/veio/vieram/entregaram/enviaram/mandaram #
        comprei/pedi/paguei/encomendei .. # .. receb*/veio/vieram/cheg* #/uma/um
        comprei/pedi/paguei/encomendei .. # .. entreg*/mandaram/enviaram/envi* #/uma/um
        metade do/da/dos/das produto*/pedido/compra/mercadoria/itens, pela metade, parte do produto/pedido
        quantidade .. errada/menor/inferior/incorreta/divergente, nao .. quantidade
        entrega/compra/pedido/recebimento parcial, o outro/a outra nao, restante .. nao, e o restante
        um/uma delas/deles nao, # dos/das #, falto o restante, veio em partes, faltante*
        """,
    Reason.WRONG_ITEM: """
        errad*, erredo, trocaram .. produto/pedido/mercadoria/cor/modelo
        veio/vieram/chegou/produto/produtos/mandaram/enviaram/entregaram .. trocad*
        receb*/veio/vieram/chegou/mandaram/enviaram/entregaram/entregue/enviado .. outro/outra
        outro .. no lugar, receb*/veio/vieram/chegou/mandaram/enviaram/entregaram .. diferente*/divergente*
        nao receb*/entreg*/envi*/mandaram .. cert*/corret*/exat*, nao veio/vieram .. cert*/corret*/que pedi
        nao .. que eu/nos comprei/pedi/encomendei/comprou/queria/pedimos, nao .. que comprei/pedi/encomendei
        entrega/entregam/envia/enviam/manda/mandam .. outro/outra, pedi .. veio/vieram/mandaram/enviaram
        comprei .. e veio/vieram/mandaram/recebi, e chegou/veio/recebi um/uma, em vez de/da/do, ao inves
        produto/item/modelo/mercadoria/pedido .. incorret*, nao foi o que pedi
        nao e/foi/era o produto .. comprado/pedido/adquirido/anunciado/que, nao e/foi/era o que foi
        nao era esse/este/o produto, nao .. produto certo/correto, outro modelo/produto
        outra marca/mercadoria, marca .. diferente, produto/modelo/marca divergente, modelo .. diferente
        desacordo .. pedido, veio/chegou/recebi .. feminino/masculino
        """,
    Reason.EXPIRED: """
        vencid*, fora da validade, fora de validade, prazo de validade, data de validade, validade
        proximo/perto .. vencimento/vencer
        """,
    Reason.USED_SOLD_AS_NEW: """
        usad*, sinal/sinais/marca/marcas/cara de uso, segunda mao, recondicionad*, reciclad*, reembalad*
        mostruario, ja .. aberto/aberta, nao .. novo, produto velho
        """,
    Reason.COUNTERFEIT_SUSPECTED: """
        falsificad*/falsificac*, pirata/piratas/pirateado/pirateada/pirataria, nao .. origina*, replica*
        imitac*, paralel*, de/do/no camelo/camelos, camelot*, paragua*
        produto/produtos/e/eh/sao/material falso*/falsa*, nao .. genuin*, copia barata, falso/falsa
        nao .. autentic*, generico/generica/genericos/genericas
        """,
    Reason.SAFETY: """
        um/da/deu/dando/levei/leva/levar/tomei/tomar/tomo/pequeno choque*, explod*, pegou fogo, incendi*
        fumaca, alerg*, irritac*, queimadura*, cheiro de queimado, perigos*, intoxic*
        """,
    Reason.NOT_COMPATIBLE: """
        incompativ*, nao .. compat*, nao .. encaix*, nao .. serve/serviu/servem/serviram, nao .. adapt*
        nao entra/entrou no/na, nao cabe/coube/cabem
        """,
}

LISTING: dict[Reason | None, str] = {
    Reason.NOT_AS_DESCRIBED: """
        diferente*, nao .. correspond*, nao confere/conferem/condiz/bate, condiz, nao .. de acordo
        desacordo, nao .. conforme, nada .. ver/haver/have, nao .. igual, nao e/era/foi/veio o/a mesmo/mesma
        nao .. parece/parecido/parecida, nada parecid*
        nao veio .. anunci*/descri*/foto/imagem/site/modelo/mesmo, nao .. como .. anunci*/descri*/foto
        nao e .. anunci*/foto/imagem/descri*, nao .. bem o que, nao era .. esperava/imaginei/queria
        nao .. que eu buscava/procurava, uma coisa e/outra, e uma coisa .. outra, condizente
        nao .. estava/esta/consta/constava no/na anuncio/site/descricao/foto, outra coisa, outro material
        parece mais um/uma, mais simples, trata .. de .. compativel
        nao .. o que .. esperava/imaginava/aparenta
        """,
    Reason.INACCURATE_PAGE: """
        propaganda enganosa, engano* .. anuncio/foto/descri*
        anuncio/foto/imagem/descri* .. engan*/fals*/errad*
        anuncio/foto/imagem/descri*/ficha .. nao .. cond*/confer*/correspond*/bate/real, enganosa, enganoso
        foto .. outr*/diferent*, foto mostra, medida*/dimens*/especific* .. errad*/diferente*/nao
        nao .. medidas/dimensoes/especific* .. anunci*/descri*/site, ficha tecnica, descricao do produto
        """,
    Reason.INCOMPLETE_PAGE: """
        nao mostr* .. detalhes, mais detalhes, falta* .. informac* .. produto/anuncio/site
        anuncio/site/descricao nao inform*/diz/fala
        nao inform*/diz/especifica .. anuncio/descri*/voltagem/tamanho/medida*, nao .. claro .. anuncio/site
        informac* .. produto/anuncio .. incomplet*, sem .. medidas/especific*
        """,
    Reason.TOO_SMALL: """
        muito/bem/mais/super/tao/extremamente/ficou/veio/fica pequen*, menor que/do, muito/bem menor
        veio menor, produto menor, tamanho .. menor/pequen*, apertad*, ficou/veio/muito/bem curt*
        nao .. cabe nos/nas, minuscul*, miniatura, bem pouquissimo
        """,
    Reason.TOO_LARGE: """
        muito/ficou/fica/super grande/larg*/folgad*, maior que/do, veio/muito/bem maior, um tamanho maior
        enorme .. produto, tamanho .. maior, muito/ficou comprid*
        """,
    Reason.STYLE_DIFFERS: """
        modelo .. feio, nao .. modelo, tecido .. diferente, outro tecido, outro modelo .. foto
        feminin* .. mascul*/unissex, mascul* .. feminin*, tamanho .. errad*/diferente*/trocad*
        """,
    Reason.COLOR_DIFFERS: """
        cor .. errad*/diferente*/trocad*/feia, outra cor, nao .. cor, na/numa/da/de cor
        veio/vieram/recebi/chegou/mandaram/enviaram .. azul/rosa/roxo/roxa/preto/preta/branco/branca
        veio/vieram/recebi/chegou/mandaram/enviaram .. vermelho/vermelha/verde/amarelo
        veio/vieram/recebi/chegou/mandaram/enviaram .. amarela/bege/cinza/marrom
        """,
}

# These silence the words inside them.
FALSE_FRIENDS = """
    sem/nenhum/nem/nao .. defeito*/avaria*/problema*, nada quebrado, nao .. quebrou/rasgou/danificou
    demoraliz*/demoralis*, manchester, sem atraso*, nao .. atras*, nenhum atraso, nao demor*
    nao demor* .. cheg*/entreg*, sem demora, antes do prazo, antes .. do prazo, antes da data
    dentro do prazo, no prazo, prazo .. certo/ok/bom/otimo, prazo .. excelente/cumprido, cumpr* .. prazo
    prazo de devolucao/troca/garantia/arrependimento
    entrega .. rapid*/otim*/boa/perfeit*/excelente/antes/pontual/ok/eficiente/certinh*/tranquil*/nota
    otima/boa/rapida/excelente/perfeita .. entrega, entrega foi rapida, entrega .. no/dentro prazo
    entrega .. corretamente, logistica competente/boa/otima, chegou .. rapid*, entreg* .. rapid*
    rapid* .. entreg*, entregue .. antes, cheg* .. antes, nao/nem .. chega* a/aos/nem/ser, nem chega perto
    nao/nem/nunca receb* resposta*/retorno*/contato/satisfac*/estorno/reembolso/dinheiro/informac*/email*
    nao/nem/nunca receb* nenhum*/qualquer/o/a/meu/um/uma resposta*/retorno*/contato/satisfac*/estorno
    nao/nem/nunca receb* nenhum*/qualquer/o/a/meu/um/uma reembolso/dinheiro/informac*/email*/posic*/explic*
    receb* so/somente/apenas um/uma email/mensagem/desculpa/resposta, receb* um email/mensagem
    receb*/veio/chegou/foi so/somente/apenas um/uma/a/o desculpa/email/mensagem/resposta/nota
    so/somente/apenas receb*/veio/chegou um/uma/a/o desculpa/email/mensagem/resposta/nota
    recebi/chegou .. so/somente/apenas .. nota, parou de aparecer/responder/atender
    aguard*/esper* .. resposta/retorno/troca/devolu*/reembolso/estorno/solucao/contato/posic*/providenc*
    aguard*/esper* .. troca/devolu*/reembolso/estorno/retorno/resposta .. produto/pedido/mercadoria/compra
    aguard*/esper* .. envio .. outro/novo/novamente, demor* .. responder/resposta/atend*/estorn*/reembols*
    demor* .. trocar/troca/devolver/devolu*/retorn*
    telefone/site/sistema/link/chat/app/aplicativo/correio/correios/atendimento/sac/cupom .. nao .. funciona
    correspond* .. verdade, nao .. correspond* .. verdade, esclarecimento/aviso/site errado
    loja/empresa/site/vendedor/atendimento .. nao presta, loja/site/empresa lixo, lixo de loja/empresa/site
    ma qualidade .. atendimento, qualidade .. atendimento/servico, ser/serem/sejam/pode/poder usad*
    acho errado, numero .. errad*, loja/empresa/site fals*, uma furada, loja .. furada, risco de
    correr risco, erro/errado .. cobranca, boleto/fatura/parcela/garantia venc*
    vendedores/parceiros/lojas/fornecedores/datas/empresas/sites diferentes
    endereco/cep/rastreio/rastreamento/informacao/data/email/telefone/nome/numero errad*
    produto/pedido pessim*/horriv* loja/empresa/atendimento/servico/entrega/site/compra/experiencia
    nao .. preciso devolver, devolv* .. correio*/agencia, devolver .. correio*, post* .. devolu*
    coloquei no correio, quero/preciso cancelar, sempre comprei/compro, sempre .. entreg* .. prazo
    nunca tive problema*, nunca .. problema* com .. entreg*, nao .. entreg* .. nota fiscal
    nao receb*/veio .. nota fiscal, nao .. envi* .. nota fiscal/codigo/resposta/email, nao veio nota
"""

PT = WordList(
    language="pt",
    entries={None: FALSE_FRIENDS, **DELIVERY, **BUYER, **PRODUCT, **LISTING},
    spellings={
        "nao": "n nn naum nap noa nam",
        "#": "dois duas tres quatro cinco seis sete oito nove dez doze",
        "produto": "prod protudo poturto praduto produdto podruto prudoto",
        "recebi": "resebi recibi rcebi",
    },
)
