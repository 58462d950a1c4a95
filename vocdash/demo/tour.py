"""What there is to see in the demo, as load_demo says it."""

from typing import Final

TOUR: Final = (
    "Juniper & Pine Goods, United States: offers closed now, recovering, and Fair or better again;",
    "  a bad batch that was over in time (JP-CON-02-CRM), late parcels that count for nothing",
    "  (JP-THR-130-OAT), a maker's barcode (JP-MUG-350-MB), a listing deleted and listed again",
    "  (JP-CUR-213-CHA), too little feedback to say anything (JP-VAS-22-TER)",
    "Juniper & Pine Goods, Canada: the same shop, with comments in French",
    "Larkspur & Loom Apparel: everything is too small",
    "Tinker & Volt: a young shop with Insufficient Feedback, new and sleeping offers",
    "Operator: a closure of Foxglove & Ferry Trading waits to be released or dropped",
)
