"""Telling words of English, American and Canadian spelling. How to write entries: matching.py.

"didn't" is one word, `didnt`, with and without its apostrophe. Out of stock and canceled by the
shop are "never arrived": the customer never had the product.
"""

from feedback.reasons import Reason
from feedback.words.matching import WordList

# A comment whose only telling words are these is not counted.
DELIVERY: dict[Reason | None, str] = {
    Reason.NEVER_ARRIVED: """
        never/not/didnt/hasnt/havent/wasnt/isnt/without .. arrive*/arriving/receiv*/deliver*/recieve*
        never/not/didnt/hasnt/havent .. got/get it/mine/my/the, never/didnt/hasnt came/come, never showed up
        hasnt/havent/didnt/never .. show/shown up, hasnt/havent/didnt shipped, not shipped, never ship*/sent
        still/been waiting/wait, am/im waiting .. for it/delivery/package/parcel/order/item/product
        waiting for .. delivery/package/parcel/order/item/product/arrival, where is my/the, wheres my/the
        nothing yet/still, still nothing, today nothing, not shown up, not .. arrived
        no sign of .. package/parcel/order/item/it, nothing arrived/came/received, lost in transit/mail/post
        lost in the mail/post, lost .. package/parcel/order/shipment
        package/parcel/order/shipment .. lost/missing, went missing
        says/shows/marked/claims/stated .. delivered, marked as delivered, delivered to the/a wrong/other
        delivered .. wrong house/address/person/door/apartment/building
        delivered to .. neighbor/neighbour/someone, stolen, out of stock, no stock, not in stock
        no longer available, not available, order/it was canceled/cancelled, seller canceled/cancelled
        canceled/cancelled my order, tracking number/info*/says/shows/status/still/page/updates, no delivery
        failed delivery, never turned up, not turned up
        """,
    Reason.LATE_DELIVERY: """
        late, delay*, took .. weeks/months/days/forever/ages/long, taking .. long/forever/ages
        slow shipping/delivery/service/post, shipping/delivery .. slow/late/bad/terrible/awful/horrible/poor
        terrible/bad/awful/horrible/poor/worst/slow shipping/delivery, after .. christmas/birthday/date
        too long to arrive/come/get/deliver, so long to arrive/come/get/deliver, past .. delivery date
        missed .. delivery/date/birthday/christmas, estimated delivery, delivery date, delivery time*
        shipping time*, arrived/came/delivered .. weeks/months later/after, weeks late, days late
        not on time, not .. on time, wasnt on time, didnt .. on time, not .. by the date
        later than .. promised/expected, overdue, problem*/issue* with .. delivery/shipping
        shipping issue*/problem*, delivery issue*/problem*, delivery driver, the/their driver, courier
        delivery man/guy/person/driver/service/company, mailman, postman, post office
        """,
    Reason.CARRIER_DAMAGE: """
        damage*/broke*/crush*/smash*/destroy*/bent .. in/during/by/from transit/shipping/shipment/delivery
        damage*/broke*/crush*/smash*/destroy*/bent .. by the courier/carrier/driver
        damage*/broke*/crush*/smash*/destroy*/bent .. by the post/mail/mailman/postman
        damage*/broke*/crush*/smash* by ups/fedex/usps/dhl/courier/carrier/canada
        shipping/transit/courier/carrier/delivery damage*
        driver/courier/carrier/mailman threw/dropped/broke
        driver/courier/carrier/ups/fedex/usps/dhl .. damage*/crush*/smash*/broke
        """,
    Reason.UNDELIVERABLE: """
        wrong address, incorrect address, insufficient address, address .. wrong/incorrect/incomplete
        returned/return/sent to/back .. sender, undeliverable
        had to/must pick/collect .. up/it/parcel/package, had to go .. post/depot/pickup/pick
        left .. porch/rain/outside/neighbor/neighbour/doorstep/lobby, couldnt/cannot/unable .. deliver
        """,
    Reason.REFUSED: """
        refused .. delivery/package/parcel, rejected .. delivery/package/parcel
        """,
}

# So are these: the buyer's own doing.
BUYER: dict[Reason | None, str] = {
    Reason.CHANGED_MIND: """
        changed my/her/his/our mind, change of mind, decided against it, had second thoughts
        i/we canceled/cancelled, buyers remorse, buyer s remorse
        """,
    Reason.ORDERED_BY_MISTAKE: """
        ordered/bought/purchased/chose/selected/picked .. by mistake/accident, ordered/bought by error
        ordered/bought/chose the wrong size/color/colour/model/item/one/product/part
        accidentally ordered/bought/purchased, ordered/bought/chose/selected/picked the wrong
        ordered/bought/chose/selected wrong, my mistake, my own mistake, my fault, my own fault, my bad
        my error, ordered/bought .. twice, ordered too many, duplicate order, meant to order/buy
        """,
    Reason.BETTER_PRICE: """
        found .. cheaper, cheaper elsewhere/somewhere, better/lower price elsewhere/somewhere/at/in/on
        found .. better/lower price/deal, cheaper at/in/on
        """,
    Reason.NO_LONGER_NEEDED: """
        no longer need*/want*/required, dont/didnt need/want it/them/this/that
        dont/didnt need it/them anymore, dont/didnt need, didnt want, not needed, dont want it anymore
        bought/have/got another one already, already have/had/own one/it, received .. as a gift
        unwanted gift, didnt end up needing/using
        """,
    Reason.UNAUTHORIZED: """
        didnt/never .. order this/it/that, did not order this/it, not authorized/authorised, unauthori*
        without my permission/consent, my kid/child/son/daughter/toddler ordered/bought, account .. hacked
        fraudulent order/purchase/charge/transaction
        """,
}

# Any one of these makes a comment count, whatever else it says.
PRODUCT: dict[Reason | None, str] = {
    Reason.DEFECTIVE: """
        defect*, faulty, a fault, fault with/in
        doesnt/didnt/dont/wont/isnt/not/never/wouldnt/cant/arent work/works/working/worked
        doesnt/didnt/dont/wont/isnt/not/never even/really/properly/seem .. work/working/works/worked
        stopped/quit/stops working, stopped/quit charging/heating/cooling/spinning/turning, stopped after
        no longer works, doa, dead on arrival, dead batter*/pixel*, malfunction*, died/dies after/within/in
        wont/doesnt/didnt/not/cant/wouldnt turn/charge/start/open/close/connect
        wont/doesnt/didnt/not/cant/wouldnt pair/heat/power/hold/stick/seal/fit
        wont/doesnt/didnt/not/cant/wouldnt hold .. charge, keeps turning/shutting/disconnecting/stopping
        leak/leaks/leaked/leaking/leaky, short circuit, burned/burnt out, useless, unusable, does nothing
        no power, no sound, glitch*, overheat*, a lemon
        """,
    Reason.POOR_QUALITY: """
        poor/bad/low/terrible/horrible/awful/cheap/inferior/shoddy/disappointing/crappy/worst quality
        quality .. poor/bad/low/terrible/horrible/awful/cheap/inferior/disappointing/lacking/crap/garbage
        not good quality, isnt good quality, not .. quality
        poorly made/built/constructed/sewn/stitched/packaged, badly made/built/sewn, cheaply made/built
        cheap made, flimsy, fell apart, falls apart, falling apart, came apart, coming apart, fall apart
        tore, unravel*, fray*, peeling/peeled/peels, flaking, fade*, fading, shrank, shrunk
        rust/rusty/rusted/rusting, tarnish*, bent easily, crappy, piece of junk/garbage/crap/trash/rubbish
        is/was/total/pure/absolute/complete/utter/just/cheap junk/garbage/rubbish/trash/crap, wobbl*
        unstable, wore out, lasted .. day/days/week/weeks/month/months/use/uses, didnt/doesnt/not last
        broke after/within/in/on/the/easily, smell*, stink*, stinks, chemical smell, odor, odour
        waste of money, waste your/my/of money/time, cheap plastic, chipping, half empty, not worth
        uncomfortable, scratchy, itchy, noisy, too thin, very thin, so thin, see through
        poor/bad product/material/fabric/craftsmanship/workmanship, terrible/horrible/awful product/material
        """,
    Reason.DAMAGED: """
        damage*, broken, broke, crack*, scratch/scratches/scratched, dent/dents/dented, shatter*, smashed
        crushed, ripped, torn, rip in, tear in, chipped, chip in, stain/stains/stained, dirty, moldy, mouldy
        mold on/in, mould on/in, soaked, hole in, holes in, bent, squashed, spilled, opened box
        box was open/opened, seal was/is broken, broken seal, already opened, dinged, warped
        """,
    Reason.MISSING_PARTS: """
        missing, incomplete, not complete, isnt/wasnt complete, parts/pieces/items/screws short, short one/#
        only .. #/one/half .. came/arrived/received/delivered/sent
        only came/arrived/received/got/sent #/one/half, only got/received/sent/delivered .. #/one/half
        came/arrived/received/sent/delivered only #/one/half, came/arrived without
        no manual/instructions/screws/cable/cord/charger/remote/battery/batteries/lid
        ordered/bought/paid .. #/two/three/pack .. got/received/came/sent #/one/only
        empty box/package/envelope, box/package/envelope was empty, didnt come with, does not come with
        doesnt come with, not included, wasnt included, werent included, not all .. parts/pieces/items
        rest of .. order
        """,
    Reason.WRONG_ITEM: """
        wrong, incorrect item/product/size/color/colour/model/part/order, different item/product/model/brand
        not leather/wood/metal/cotton/wool/silver/gold/glass, not what i/we ordered/bought/purchased/wanted
        isnt/wasnt what i/we ordered/bought/purchased, received/sent/got/shipped .. different/another/other
        something else, instead of, not the one, not the item/product/one/same i/we ordered
        wrong item/product/size/model/part/one, sent/received/got/shipped/delivered .. wrong
        somebody elses/someone elses order
        """,
    Reason.MISLABELLED: """
        mislabel*, wrong label, labeled/labelled wrong/incorrectly/as, label .. wrong/says/said
        """,
    Reason.EXPIRED: """
        expired, out of date, past .. expiration/expiry/date, expiration/expiry date, best before, stale
        rancid, spoiled, rotten, use by
        """,
    Reason.USED_SOLD_AS_NEW: """
        used item/product/one/condition, was/is/been/looks/looked/obviously/clearly/previously/already used
        second hand, secondhand, refurbished, not new, isnt new, wasnt new, someone elses .. hair/name/data
        signs of use/wear, previously opened/owned/returned, open box, returned item, sold as new
        """,
    Reason.COUNTERFEIT_SUSPECTED: """
        counterfeit*, fake*, knockoff*, knock off*, replica*, not genuine, not authentic, not original
        not real, isnt/wasnt genuine/authentic/original/real, imitation, inauthentic, pirated, bootleg
        """,
    Reason.SAFETY: """
        dangerous, unsafe, hazard*, caught fire, on fire, smoke came/coming, started smoking, sparks
        sparked, explod*, electric shock, shocked me, burned my/me, burnt my/me, rash, got/me/became sick
        food poisoning, allergic, injury/injured/injuries, cut my, choking, toxic, melted
        """,
    Reason.NOT_COMPATIBLE: """
        incompatible, not/isnt/wasnt .. compatible, doesnt/didnt/does/dont/wont/not fit my/the/in/on/into
        doesnt/didnt/wont/not work with my/the
        """,
}

LISTING: dict[Reason | None, str] = {
    Reason.NOT_AS_DESCRIBED: """
        not as .. described/advertised/pictured/shown/expected/stated/listed
        not like .. picture*/photo*/image*, nothing like
        not what .. expected/expecting/advertised/described/shown/pictured/imagined/thought
        doesnt/didnt/does/not match .. description/picture*/photo*/listing/image*/advert*
        not .. as advertised, different from .. picture*/photo*/description/image*/website/listing
        different than .. picture*/description, looks/looked/look different, differs, looks nothing
        isnt/wasnt as described/advertised/pictured
        isnt/wasnt what .. expected/described/advertised/pictured
        """,
    Reason.INACCURATE_PAGE: """
        misleading, false advertis*, misrepresent*
        description .. wrong/incorrect/inaccurate/false/misleading
        picture*/photo*/image* .. wrong/incorrect/misleading/different, inaccurate, deceptive, deceiving
        deceived, dimensions/measurements/specs .. wrong/incorrect/off/inaccurate
        listing .. wrong/incorrect/says/said, contrary to .. description/listing, advertised as
        bait and switch, description says/said
        """,
    Reason.INCOMPLETE_PAGE: """
        doesnt/didnt/does/not say/mention/state/specify/show .. description/listing/page/website/ad
        description/listing/page/website .. doesnt/didnt/not say/mention/state/specify/show
        no dimensions/measurements/description, should have/be said/mentioned/stated .. description/listing
        not mentioned .. description/listing/page
        """,
    Reason.TOO_SMALL: """
        too/very/so/really/extremely/way/super small/short/tight/narrow/tiny/little/snug, tiny
        runs/run/fits small, smaller than, shorter than, much smaller, size/sizing small, sizes too small
        doesnt/didnt fit me/him/her, not big enough, isnt/wasnt big enough, not large enough, undersized
        miniature
        """,
    Reason.TOO_LARGE: """
        too/very/so/really/extremely/way/super big/large/long/loose/wide/huge/baggy, huge
        runs/run/fits large/big, bigger than, larger than, longer than, much bigger/larger, oversized
        sizes too big/large
        """,
    Reason.STYLE_DIFFERS: """
        dont/didnt/not like .. style/fabric/material/fit/cut/design, style .. different/wrong, poor fit
        bad fit, fabric/material .. different/not, doesnt/didnt fit right/well/properly, not flattering
        unflattering
        """,
    Reason.COLOR_DIFFERS: """
        color/colour .. wrong/off/different/not/isnt/wasnt/doesnt/faded, wrong/different color/colour
        not the .. color/colour, dont/didnt/not like .. color/colour, different shade, wrong shade
        """,
}

# These silence the words inside them.
FALSE_FRIENDS = """
    no/not/without/zero/any/isnt/wasnt/arent .. defect*/damage*/scratch*/problem*
    no/not/without/zero/any/isnt/wasnt/arent .. issue*/fault*/smell*/dent*/crack*
    nothing missing/wrong/broken, not .. broken/late/expired/fake/wrong
    wasnt/isnt .. late/broken/fake/wrong, not too/very/so small/big/large/long/short/tight, never late
    not delay*, no delay*, without delay*
    arrived/came/delivered/delivery/shipping .. on time/early/fast/quick*
    fast/quick/prompt shipping/delivery, late night*, late at night, of late, late 70s/80s/90s
    delivery/shipping was fine/good/great/perfect, nothing wrong with, dont get me wrong, what went wrong
    went wrong with my order, wrong tracking/date/email/phone/name/number, no longer work* with/for
    customer service .. didnt/not/doesnt work, website/link/site/code/coupon .. doesnt/didnt/not work*
    phone number .. doesnt/didnt/not work*, piece of mind, piece of cake/advice
    not/didnt/never/havent receiv*/recieve* .. refund/reply/response/answer/money/credit/email/call
    not/didnt/never/havent get/got .. refund/reply/response/answer/money back
    waiting for .. refund/reply/response/answer/replacement/money, waiting for .. refund .. order/item
    missing you, missed call, not missing, fraud department, damage deposit, used to, used it/them/this/for
    ive/have/had/has/i/we/be/only been used to, i/we/only/be/just used it, can/could be used
    marked/labeled/labelled/very fragile, stainless, paper/potato chip*, hot/cold/runs too
    smells good/great/nice/amazing/wonderful, love the smell, left a/the review/message/feedback
"""

EN = WordList(
    language="en",
    entries={None: FALSE_FRIENDS, **DELIVERY, **BUYER, **PRODUCT, **LISTING},
    spellings={
        "not": "nt",
        "receive": "recieve recive",
        "received": "recieved recived receved",
        "#": "two three four five six seven eight nine ten twelve dozen",
    },
)
