"""`manage.py events tail|dead|replay --store S`: look at the log and mend what is stuck."""

from __future__ import annotations

import json
import time
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from apps.common.stores import PUBLIC, all_stores, enter_store
from apps.events.models import Delivery, DeliveryStatus, Event
from apps.events.services.replay_deliveries import replay_dead


class Command(BaseCommand):
    """tail: the newest events. dead: parked deliveries. replay: give dead ones another run."""

    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Store and action."""
        parser.add_argument("action", choices=["tail", "dead", "replay"])
        parser.add_argument("ids", nargs="*", metavar="DELIVERY", help="for replay; default: all")
        parser.add_argument("--store", required=True, help="slug, or `platform`")
        parser.add_argument("--limit", type=int, default=20)
        parser.add_argument("--topic", default="")
        parser.add_argument("--follow", action="store_true", help="keep showing new events")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the action inside the store."""
        stores = {store.slug: store for store in [PUBLIC, *all_stores()]}
        if options["store"] not in stores:
            raise CommandError(f"There is no store '{options['store']}'.")
        with enter_store(stores[options["store"]]):
            getattr(self, f"_{options['action']}")(**options)

    def _tail(self, *, limit: int, topic: str, follow: bool, **options: Any) -> None:
        events = Event.objects.filter(topic=topic) if topic else Event.objects.all()
        newest = list(events.order_by("-id")[:limit])[::-1]
        self._show(newest)
        last = newest[-1].pk if newest else UUID(int=0)
        while follow:
            time.sleep(0.5)
            fresh = list(events.filter(pk__gt=last).order_by("id")[:500])
            self._show(fresh)
            last = fresh[-1].pk if fresh else last

    def _show(self, events: list[Event]) -> None:
        for event in events:
            when = event.occurred_at.isoformat(timespec="milliseconds")
            self.stdout.write(f"{when}  {event.topic:<34} {event.key}  {json.dumps(event.payload)}")
            for delivery in event.deliveries.all():
                waited = ""
                if delivery.started_at is not None:
                    after = (delivery.started_at - event.occurred_at) / timedelta(milliseconds=1)
                    waited = f" after {after:.0f} ms"
                self.stdout.write(f"    {delivery.status:<8} {delivery.subscriber}{waited}")

    def _dead(self, *, limit: int, **options: Any) -> None:
        dead = Delivery.objects.filter(status=DeliveryStatus.DEAD).select_related("event")
        for delivery in dead.order_by("created_at")[:limit]:
            self.stdout.write(
                f"{delivery.pk}  {delivery.event.topic}  {delivery.subscriber}  "
                f"{delivery.attempts} tries  {delivery.last_error}"
            )
        self.stdout.write(f"{dead.count()} dead deliveries.")

    def _replay(self, *, ids: list[str], **options: Any) -> None:
        try:
            chosen = [UUID(text) for text in ids] or None
        except ValueError as error:
            raise CommandError("Give delivery ids as `events dead` prints them.") from error
        self.stdout.write(self.style.SUCCESS(f"{replay_dead(chosen)} deliveries will run again."))
