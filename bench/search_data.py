"""A store's worth of products with words as people use them: few of them often, most seldom."""

from __future__ import annotations

import csv
import random
from pathlib import Path
from typing import Final

PRODUCTS: Final = 50_000
VARIANTS: Final = 2


def _words(text: str) -> list[str]:
    return text.split()


_ADJECTIVES: Final = _words("""
    small large classic modern vintage soft heavy light folding compact portable insulated
    waterproof brushed ribbed woven printed striped quilted padded slim wide rustic handmade
    everyday travel outdoor garden kitchen office winter summer merino organic recycled solid
    hand-turned double stackable adjustable magnetic cordless rechargeable foldable round square
""")
_MATERIALS: Final = _words("""
    cotton linen wool leather steel copper brass oak ash walnut maple bamboo glass ceramic
    stoneware porcelain canvas denim silk cashmere rubber cork granite marble aluminium titanium
    felt jute hemp paper
""")
_NOUNS: Final = _words("""
    mug bowl plate cup kettle teapot pan pot knife fork spoon board tray basket box jar bottle
    lamp lantern candle mirror frame clock rug blanket throw pillow cushion curtain towel sheet
    shirt tee jumper cardigan vest jacket coat scarf hat cap glove sock belt wallet tote
    rucksack umbrella tent stove hammock mat chair stool bench table shelf desk drawer cabinet
    hook rack trowel spade rake hose planter vase seed hammer wrench drill saw screwdriver tape
    ladder notebook pencil pen ruler stapler folder lunchbox thermos speaker headphone cable
    charger keyboard mouse stand bell pump saddle helmet bicycle skateboard ball racket net
    whistle puzzle doll kite drum guitar flute brush comb soap sponge bucket mop broom
    kettlebell dumbbell
""")
_SYLLABLES: Final = _words("""
    ba ce dor el fin gra hal il jo kem lu mar nor os pel qui ras sto tur vel
""")
_SIZES: Final = ("S", "M", "L", "XL", "One size")
_COLOURS: Final = ("Black", "White", "Navy", "Moss", "Sand", "Rust", "Slate", "Plum", "Teal")


def rare_words(count: int = 6_000) -> list[str]:
    """Words that are nobody's, always the same ones."""
    made = random.Random(7)
    return sorted({"".join(made.choices(_SYLLABLES, k=made.randint(2, 4))) for _ in range(count)})


def write_catalog(path: Path, products: int = PRODUCTS) -> None:
    """A CSV of `products` with two variants each, written to `path`."""
    made = random.Random(11)
    rare = rare_words()
    brands = [word.title() for word in made.sample(rare, 300)]
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(
            _words(
                """sku name description price currency inventory handle category brand tags
                barcode option1_name option1_value option2_name option2_value"""
            )
        )
        for number in range(products):
            name = [_often(made, _ADJECTIVES), _often(made, _MATERIALS), _often(made, _NOUNS)]
            name.append(_often(made, rare))
            text = " ".join(_often(made, rare) for _ in range(18))
            described = f"A {name[0]} {made.choice(_NOUNS)} of {name[1]}: {text}."
            place = f"Goods > Room {made.randrange(12)} > Shelf {made.randrange(120)}"
            for variant in range(VARIANTS):
                rows.writerow(
                    [
                        f"SRC-{number:06d}-{variant}",
                        " ".join(name).title() if not variant else "",
                        described if not variant else "",
                        f"{round(made.lognormvariate(3.5, 0.9), 2):.2f}",
                        "USD",
                        made.choice((0, 5, 20)),
                        f"src-{number}",
                        place if not variant else "",
                        _often(made, brands) if not variant else "",
                        f"{name[1]}|{name[2]}" if not variant else "",
                        f"4{number:08d}{variant:03d}",
                        "Size",
                        _SIZES[(number + variant) % len(_SIZES)],
                        "Colour",
                        made.choice(_COLOURS),
                    ]
                )


def _often(made: random.Random, words: list[str]) -> str:
    """One of the words, the first ones much more often than the last."""
    return words[int(len(words) * made.random() ** 2.5)]


def some_query(made: random.Random) -> str:
    """One to three words of a product's name, often used ones often, one query in five mistyped."""
    name = [_often(made, words) for words in (_ADJECTIVES, _MATERIALS, _NOUNS, _RARE)]
    words = made.sample(name, made.choice((1, 1, 2, 2, 3)))
    place = made.randrange(len(words))
    if made.random() < 0.2 and len(words[place]) > 4:
        gone = made.randrange(1, len(words[place]) - 1)
        words[place] = words[place][:gone] + words[place][gone + 1 :]
    return " ".join(words)


_RARE: Final = rare_words()
