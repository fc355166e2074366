"""Word lists the demo company's names are put together from. Nobody and nothing here exists."""

__all__ = [
    "ACTIVITIES",
    "CARGO",
    "CITIES",
    "FAMILY",
    "FIRMS",
    "GIVEN",
    "JOBS",
    "LEADS",
    "REMARKS",
    "SERVICES",
    "STREETS",
    "TASKS",
    "TRADES",
    "WATERS",
]

GIVEN = (
    "Alder", "Bryone", "Cressa", "Dunmar", "Elvet", "Fenna", "Garrow", "Hesper", "Idrel", "Jessamy", "Kelda", "Lorrin",
    "Merrick", "Nessa", "Orrin", "Perrin", "Quilla", "Rushen", "Sedge", "Tamsel", "Ulvar", "Verrin", "Wenna", "Yarrow",
)  # fmt: skip
FAMILY = (
    "Ferrywright", "Sluicer", "Towline", "Lockhand", "Bargemaster", "Reedcutter", "Millrace", "Quayside", "Weirward",
    "Puntpole", "Lanternby", "Windlassen", "Heronshaw", "Bollardine", "Coalpenny", "Saltmarsh", "Gangplank", "Tidewell",
    "Oarsmith", "Culvert", "Fenbridge", "Staithe", "Mudlark", "Keelson",
)  # fmt: skip
FIRMS = (
    "Ashwater", "Blackgate", "Copperlock", "Drakemoor", "Eelbrook", "Foxlode", "Greywharf", "Hollowmere", "Ironpound",
    "Jackdaw", "Kingcup", "Longreach", "Marlpit", "Northstaithe", "Oxbow", "Pennyweir", "Quarrel", "Rushford",
    "Silverditch", "Thornquay", "Underbridge", "Vetchling", "Waterend", "Yellowlock",
)  # fmt: skip
TRADES = (
    "Barges", "Boatyard", "Brickworks", "Chandlery", "Coal & Coke", "Cooperage", "Dredging", "Feed Mills", "Foundry", "Grain",
    "Gravel Pits", "Ironmongers", "Lighterage", "Maltings", "Pottery", "Ropewalk", "Salt Company", "Slate", "Timber", "Warehousing",
)  # fmt: skip
WATERS = (
    "Great Ninefold Canal",
    "Mallard Cut",
    "Lower Reed Navigation",
    "Tollgate Arm",
    "Old Furnace Branch",
    "Otter Junction",
)
STREETS = (
    "Wharf Road",
    "Towpath Lane",
    "Lock Street",
    "Basin Row",
    "Winding Hole",
    "Tunnel Hill",
    "Cooper's Quay",
    "Mill Bridge",
)
CITIES = (
    # city, post code, country, state
    ("Nethersluys", "9810", "base.be", None),
    ("Overhaven", "2240", "base.be", None),
    ("Kleinewater", "3514 KW", "base.nl", "base.state_nl_ut"),
    ("Pont-aux-Roseaux", "59410", "base.fr", None),
    ("Kanalheim", "47199", "base.de", "base.state_de_nw"),
    ("Lockbury", "ND4 7QX", "base.uk", None),
    ("Basinport", "NY 13500", "base.us", "base.state_us_ny"),
    ("Vila das Comportas", "88060-000", "base.br", "base.state_br_sc"),
)
CARGO = (
    # name, list price, cost, weight in kg, category
    ("House coal, per tonne", 185.0, 121.0, 1000.0), ("Smithy breeze, per tonne", 96.0, 58.0, 1000.0),
    ("Malting barley, per tonne", 248.5, 190.0, 1000.0), ("Feed oats, per tonne", 212.0, 171.4, 1000.0),
    ("Blue engineering bricks, pallet", 412.0, 305.0, 1350.0), ("Roof slate, crate", 298.0, 214.0, 820.0),
    ("Washed gravel, per tonne", 34.75, 18.9, 1000.0), ("Puddling clay, per tonne", 41.0, 22.5, 1000.0),
    ("Rock salt, per tonne", 88.25, 52.0, 1000.0), ("Sawn oak, per cubic metre", 940.0, 702.0, 720.0),
    ("Sawn larch, per cubic metre", 615.0, 450.0, 600.0), ("Tarred hemp rope, coil", 138.0, 79.0, 42.0),
    ("Cotton line, coil", 74.5, 41.0, 12.0), ("Windlass, forged", 28.9, 12.2, 1.9),
    ("Mooring pin, pair", 22.4, 9.8, 4.4), ("Brass tunnel lamp", 164.0, 96.0, 3.1),
    ("Ash boat hook", 47.5, 21.0, 2.2), ("Fender, rope", 39.0, 17.5, 1.6),
    ("Water can, painted", 58.0, 24.0, 1.2), ("Range stove, cast iron", 1180.0, 742.0, 96.0),
    ("Tarpaulin, side cloth", 318.0, 204.0, 18.0), ("Stern gland grease, tin", 17.8, 8.1, 0.9),
    ("Chimney, brass banded", 126.0, 71.0, 5.5), ("Bilge pump, hand", 93.0, 55.0, 4.0),
)  # fmt: skip
SERVICES = (
    ("Carriage by narrowboat, per mile", 4.6, 2.1), ("Carriage by wide barge, per mile", 9.8, 4.9),
    ("Lock passage, assisted", 18.0, 6.0), ("Overnight mooring", 14.5, 3.0), ("Warehousing, per tonne and week", 2.75, 1.1),
    ("Loading by crane, per hour", 86.0, 44.0), ("Hull blacking", 1240.0, 810.0), ("Towing, per hour", 65.0, 38.0),
    ("Pilot through tunnel", 52.0, 30.0), ("Survey of hull", 480.0, 260.0), ("Dredging, per hour", 310.0, 214.0),
    ("Winter lay-up", 725.0, 390.0),
)  # fmt: skip
JOBS = (
    "Steerer",
    "Lock Keeper",
    "Wharf Clerk",
    "Bookkeeper",
    "Crane Driver",
    "Boatwright",
    "Dispatcher",
    "Buyer",
    "Sales Clerk",
)
LEADS = (
    "Weekly coal run to {}", "Grain contract with {}", "Second berth for {}", "Winter storage for {}", "Refit of two boats of {}",
    "Brick delivery to {}", "Towing agreement with {}", "Chandlery shop order of {}", "Slate for the new roof of {}",
)  # fmt: skip
TASKS = (
    "Repair bottom gate", "Grease paddle gear", "Survey culvert", "Paint mileposts", "Replace balance beam", "Clear reed bed",
    "Load test the crane", "Count the stock of rope", "Order stop planks", "Check tunnel lamps", "Draw up mooring plan",
    "Repoint wharf wall", "Weigh empty boats", "Renew towpath surface",
)  # fmt: skip
ACTIVITIES = (
    "Ask for the bill of lading",
    "Call about the berth",
    "Send the price list",
    "Agree on the sailing day",
    "Settle demurrage",
)
REMARKS = (
    "Held up at the top lock until noon.", "Cargo dry, cloths sound.", "Wants the invoice in two copies.", "Paid at the wharf.",
    "Asked for a longer term of payment.", "Boat due back on Friday.", "Weighbridge ticket enclosed.", "Gauge shows two inches less than agreed.",
)  # fmt: skip
