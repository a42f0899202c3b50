"""What is wrong with a flow that can be seen without running it."""

from __future__ import annotations

from typing import Any

from pomost.config.flow import Flow, Step
from pomost.flows import lines, settling
from pomost.flows.conditions import compiled
from pomost.flows.making import check_making
from pomost.flows.plan import ORDER_KINDS
from pomost.flows.shipments import ship_steps
from pomost.ports import Failure, NeedsPerson


def check_flow(flow: Flow) -> list[Failure]:
    """Faults of a flow that can be seen without running it: unknown steps, conditions that don't compile."""
    found: list[Failure] = []
    ids: list[str] = []
    facts: dict[str, Any] = {"take": flow.take, "cancelled": flow.cancelled}
    for step in flow.step:
        if step.id in ids:
            found.append(
                _fault(flow, step.id, f'the step "{step.id}" stands twice', "Give each step its own id.")
            )
        for other in (*(step.after or ()), *step.source, *step.settles):
            if other not in ids:
                known = ", ".join(ids) or "none"
                found.append(
                    _fault(flow, step.id, f'"{other}" is no earlier step', f"Earlier steps: {known}.")
                )
        if step.mirror and step.mirror not in [one.id for one in flow.step[: len(ids)] if one.issue]:
            advice = "Name an earlier step that makes a document."
            found.append(_fault(flow, step.id, f'mirror names "{step.mirror}"', advice))
        if step.company not in ("", flow.company) and not step.prices and not step.source and not step.mirror:
            advice = "Write order, fixed, level:NAME or margin:PERCENT."
            found.append(_fault(flow, step.id, "a document for another company has no prices", advice))
        if step.issued_by and not any(
            "WZ" in other.kinds and other.company == step.issued_by for other in flow.step
        ):
            nobody = f'no step issues the goods in company "{step.issued_by}"'
            advice = f"Add a step with issue = WZ in company {step.issued_by}, or take issued_by out."
            found.append(_fault(flow, step.id, nobody, advice))
        makers = [other.id for other in flow.step if other.issue]
        for other in step.cancel:
            if other not in ids or other not in (*makers, *ship_steps(flow)):
                advice = "Name earlier steps that make documents or order shipments."
                found.append(_fault(flow, step.id, f'cancel names "{other}"', advice))
        if (step.check or step.issue == "MM") and not any(
            set(other.kinds) & ORDER_KINDS for other in flow.step if other.id in step.source
        ):
            advice = "Name the step that makes the RO, ZS or ZK: source = [...]."
            found.append(_fault(flow, step.id, "goods are gathered for no order document", advice))
        if step.write and step.write.pdf and step.write.pdf not in ids:
            found.append(
                _fault(
                    flow,
                    step.id,
                    f'pdf = "{step.write.pdf}" is no earlier step',
                    "Name a step that makes a document.",
                )
            )
        found += _faults_at_edge(flow, step, ids, makers)
        if step.correct and flow.kind != "return":
            found.append(
                _fault(flow, step.id, "only returns are corrected from", 'Write kind = "return" in the flow.')
            )
        if step.place and flow.kind == "return":
            found.append(_fault(flow, step.id, "a return is not placed in a channel", "Take the step out."))
        facts[f"{step.id}.when"] = step.when
        facts[f"{step.id}.only_if"] = step.only_if
        facts |= {
            f"{step.id}, rule {n}": one.when for n, one in enumerate(step.ship.rules if step.ship else (), 1)
        }
        facts |= {
            f"{step.id}, rule {n}": one.when for n, one in enumerate(step.book.rules if step.book else (), 1)
        }
        ids.append(step.id)
    found += check_making(flow)
    found += [_fault(flow, step, what, advice) for step, what, advice in lines.faults(flow)]
    for place, text in facts.items():
        if not text:
            continue
        try:
            compiled(text)
        except ValueError as error:
            found.append(
                _fault(flow, place, f"the condition can't be read: {error}", "Conditions are written in CEL.")
            )
    if not flow.step:
        found.append(_fault(flow, "step", "the flow has no steps", "Give a preset or [[flow.step]] tables."))
    return found


def _faults_at_edge(flow: Flow, step: Step, ids: list[str], makers: list[str]) -> list[Failure]:
    """Faults of steps that print or mail."""
    found: list[Failure] = []
    advice = "Name an earlier step that makes a document."
    if step.fiscalise:
        if step.fiscalise not in ids or step.fiscalise not in makers:
            found.append(_fault(flow, step.id, f'fiscalise names "{step.fiscalise}"', advice))
        if not step.printer:
            found.append(_fault(flow, step.id, "no printer is named", "Set printer = NAME of a [[posnet]]."))
    if step.write and step.write.fiscal:
        printing = [one.id for one in flow.step[: len(ids)] if one.fiscalise]
        if step.write.fiscal not in printing:
            advice = "Name an earlier step that prints receipts."
            found.append(_fault(flow, step.id, f'fiscal = "{step.write.fiscal}" prints no receipt', advice))
    if step.book:
        found += settling.check_booking(flow, step, ids)
    for other in step.mail.pdf if step.mail else ():
        if other not in [one.id for one in flow.step[: len(ids)] if one.kinds or one.cancel]:
            found.append(_fault(flow, step.id, f'pdf names "{other}"', advice))
    return found


def _fault(flow: Flow, place: str, text: str, advice: str) -> NeedsPerson:
    return NeedsPerson("flow.faulty", f'Flow "{flow.name}", {place}: {text}.', advice)
