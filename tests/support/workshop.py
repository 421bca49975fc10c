"""A company with a catalog: what a registered API serves out of its tree."""

from __future__ import annotations

from typing import Any

from counterfoil.access.caller import Caller, Method
from counterfoil.access.grant import Grant, Term
from counterfoil.access.roots import Roots
from counterfoil.access.surface import NO_SURFACES
from counterfoil.content import catalog
from counterfoil.content.catalog import Entities, Sought, list_entities
from counterfoil.content.define_type import list_content_types
from counterfoil.content.publish import publish
from counterfoil.content.tree import create_folder
from counterfoil.content.write import create_entry
from counterfoil.directory.show import list_apis
from counterfoil.kernel.entropy import Entropy
from counterfoil.kernel.ids import NodeId, UserId
from counterfoil.runtime.database import Database
from support.directory import Company
from support.office import ORIGIN, StandingClock, office_on


class Workshop(Company):
    """A company under the dx preset, with a folder for its catalog."""

    def __init__(self, database: Database, clock: StandingClock, entropy: Entropy) -> None:
        super().__init__(office_on(database, clock, entropy), preset="dx")
        with self.acting(self.ada) as work:
            (self.type,) = (one.id for one in list_content_types(work, 10).items)
            self.folder = create_folder(work, self.root, "catalog").id
            (self.api,) = list_apis(work)
        self.read = next(one.number for one in self.api.scopes if one.name == catalog.READ)

    def entry(
        self, said: dict[str, Any], under: NodeId | None = None, *, out: bool = True
    ) -> NodeId:
        """Write an entity, and publish it."""
        with self.acting(self.ada) as work:
            node = create_entry(work, under or self.folder, self.type, said)
            if out:
                publish(work, node.id)
        return node.id

    def service(self, name: str, under: NodeId | None = None, **more: Any) -> NodeId:
        said = {"identifier": name.lower(), "name": name, "type": "service", **more}
        return self.entry(said, under)

    def bearer(self, roots: Roots = None, terms: tuple[Term, ...] = ()) -> Caller:
        """A token that reads the catalog and nothing else, without any surface."""
        limits = () if roots is None else (roots,)
        grant = Grant(terms or (Term(1 << self.read),), limits, NO_SURFACES)
        return Caller(self.id, UserId(self.ada), Method.PERSONAL, grant)

    def seen(self, caller: Caller | None = None, **sought: Any) -> list[str]:
        return [one.said["identifier"] for one in self.page(caller, **sought).items]

    def page(self, caller: Caller | None = None, **sought: Any) -> Entities:
        with self.office.read(caller or self.bearer(), ORIGIN) as work:
            return list_entities(work, Sought(**sought))
