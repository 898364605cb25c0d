"""What somebody who types this means: queries, each with slugs that the first three must hold.

English is asked of the demo catalog with the synonyms of conftest, German of `german.csv`.
"""

from __future__ import annotations

from typing import Final

ENGLISH: Final[list[tuple[str, list[str]]]] = [
    # As it is called.
    ("mug", ["ridgeline-stoneware-mug"]),
    ("stoneware", ["ridgeline-stoneware-mug"]),
    ("table lamp", ["dockside-table-lamp"]),
    ("lamp", ["dockside-table-lamp", "tripod-floor-lamp"]),
    ("bath towel", ["ribbed-bath-towel"]),
    ("wool throw", ["herringbone-wool-throw"]),
    ("leather belt", ["bridle-leather-belt"]),
    ("tea towel", ["waffle-tea-towels-pair"]),
    ("sleeping bag", ["down-sleeping-bag"]),
    ("garden gloves", ["goatskin-garden-gloves"]),
    ("coffee", ["burr-coffee-grinder", "pour-over-kettle"]),
    ("knife", ["petty-knife-15-cm"]),
    ("axe", ["camp-hatchet"]),
    ("led bulb", ["filament-bulb-e27"]),
    ("organic cotton", ["percale-sheet-set"]),
    ("lambswool", ["herringbone-wool-throw"]),
    ("tindle kettle", ["pour-over-kettle"]),
    ("saltmarsh", ["linen-camp-shirt", "shawl-collar-cardigan"]),
    ("scarf", ["brushed-mohair-scarf"]),
    ("laptop bag", ["roll-top-rucksack"]),
    # One and many.
    ("mugs", ["ridgeline-stoneware-mug"]),
    ("knives petty", ["petty-knife-15-cm"]),
    ("candle", ["beeswax-candles-box-of-6"]),
    ("lanterns", ["rechargeable-lantern"]),
    ("sock", ["boot-socks-pair"]),
    ("blankets", ["picnic-blanket"]),
    ("umbrellas", ["storm-umbrella"]),
    ("wallets", ["slim-card-wallet"]),
    ("bowl", ["nesting-mixing-bowls"]),
    ("napkin", ["everyday-napkins-set-of-4"]),
    # Mistyped.
    ("kettel", ["pour-over-kettle"]),
    ("stonware mug", ["ridgeline-stoneware-mug"]),
    ("umbrela", ["storm-umbrella"]),
    ("lantren", ["rechargeable-lantern"]),
    ("hamock", ["travel-hammock"]),
    ("secatuers", ["bypass-secateurs"]),
    ("cofee grinder", ["burr-coffee-grinder"]),
    ("cardigen", ["shawl-collar-cardigan"]),
    ("rucksak", ["roll-top-rucksack"]),
    ("tripd lamp", ["tripod-floor-lamp"]),
    ("merno layer", ["merino-base-layer"]),
    ("teracotta pot", ["terracotta-long-tom"]),
    ("choping board", ["end-grain-chopping-board"]),
    ("flanel shirt", ["brushed-flannel-shirt"]),
    # Means the same.
    ("sweater", ["fisherman-crew-jumper"]),
    ("pullover", ["fisherman-crew-jumper"]),
    ("spade", ["stainless-hand-trowel"]),
    ("pruners", ["bypass-secateurs"]),
    # Not typed to the end.
    ("umbr", ["storm-umbrella"]),
    ("hamm", ["travel-hammock"]),
    ("cand", ["beeswax-candles-box-of-6"]),
    ("chopp", ["end-grain-chopping-board"]),
    ("folding ga", ["folding-gas-stove"]),
    ("terra", ["terracotta-long-tom"]),
    ("water", ["watering-can-5-l"]),
    ("sweatsh", ["loopback-sweatshirt"]),
    # Written another way.
    ("pique polo", ["pique-polo"]),
    ("PIQUÉ", ["pique-polo"]),
    ("rolltop", ["roll-top-rucksack"]),
    ("roll-top", ["roll-top-rucksack"]),
    ("end grain", ["end-grain-chopping-board"]),
    ("ruck sack", ["roll-top-rucksack"]),
    # Numbers on the label.
    ("PAN-24CM", ["everyday-carbon-steel-pan"]),
    ("bpk-storm", ["roll-top-rucksack"]),
    ("2000000100029", ["ridgeline-stoneware-mug"]),
    ("e27", ["filament-bulb-e27"]),
    # More words than any product has.
    ("warm hat of wool", ["ribbed-watch-cap"]),
    ("a gift made of leather", ["slim-card-wallet"]),
]

GERMAN: Final[list[tuple[str, list[str]]]] = [
    ("Becher", ["becher-aus-steinzeug"]),
    ("tassen", ["kaffeetasse-rund"]),
    ("Kaffeetassen", ["kaffeetasse-rund"]),
    ("schüssel", ["salatschussel-gross"]),
    ("Schuessel", ["salatschussel-gross"]),
    ("schussel", ["salatschussel-gross"]),
    ("Kochtopf", ["kochtopf-3-liter"]),
    ("töpfe", ["kochtopf-3-liter"]),
    ("wolldecken", ["wolldecke-fischgrat"]),
    ("Plaid", ["wolldecke-fischgrat"]),
    ("Messer", ["kleines-kuchenmesser"]),
    ("Küchenmeser", ["kleines-kuchenmesser"]),
    ("handtücher", ["handtuch-gerippt"]),
    ("Handtuch", ["handtuch-gerippt"]),
    ("Lampen", ["tischlampe-mit-schirm"]),
    ("Tischlmape", ["tischlampe-mit-schirm"]),
    ("Gießkanne", ["giesskanne-5-liter"]),
    ("giesskanne", ["giesskanne-5-liter"]),
    ("Handschuh", ["gartenhandschuhe"]),
    ("backpack", ["rucksack-mit-rolle"]),
    ("Rucks", ["rucksack-mit-rolle"]),
    ("Kerze", ["bienenwachskerzen"]),
    ("bienenwachs", ["bienenwachskerzen"]),
    ("Leinen Kissen", ["kissenbezug-aus-leinen"]),
]
