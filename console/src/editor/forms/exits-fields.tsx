import Button from "@cloudscape-design/components/button";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import type { PlacedExit } from "../../node-types/exits";
import { TargetSelect } from "../target-select";
import { fieldName, isWithin } from "./field-problems";
import { useForm } from "./form-scope";

/** Where the exits of a node lead: those that matter first, those for troubles below. */
export function ExitsFields({ mayAdd }: { mayAdd: boolean }) {
  const { exits, problems, readOnly } = useForm();
  const outside = exits.filter(({ own }) => own === null || own.length === 1); // the others stand at their entries
  const isFirst = (exit: PlacedExit) =>
    exit.required || exit.main || exit.target !== null || !(exit.setback || exit.optional);
  const first = outside.filter(isFirst);
  const more = outside.filter((exit) => !isFirst(exit));
  const asked = more.some((exit) => problems.some(({ field }) => isWithin(field, fieldName(placeOf(exit)))));
  if (outside.length === 0 && !mayAdd) return null;
  return (
    <SpaceBetween size="m">
      <Header variant="h3">Where it goes next</Header>
      {first.map((exit) => (
        <ExitField exit={exit} key={exit.name} />
      ))}
      {mayAdd && !readOnly && <NewExit />}
      {more.length > 0 && (
        <ExpandableSection headerText="If something goes wrong" defaultExpanded={asked}>
          <SpaceBetween size="m">
            {more.map((exit) => (
              <ExitField exit={exit} key={exit.name} />
            ))}
          </SpaceBetween>
        </ExpandableSection>
      )}
    </SpaceBetween>
  );
}

function placeOf(exit: PlacedExit): (string | number)[] {
  if (exit.writtenAt === "then") return ["then"];
  return exit.writtenAt === "own" && exit.own ? exit.own : ["exits", exit.name];
}

function ExitField({ exit }: { exit: PlacedExit }) {
  const { flow, titles, readOnly, problems, setTarget } = useForm();
  const place = fieldName(placeOf(exit));
  const written = fieldName(["exits", exit.name]);
  const message = problems
    .filter(({ field }) => isWithin(field, place) || isWithin(field, written))
    .map((problem) => problem.message)
    .join(" ");
  return (
    <div data-field={place}>
      <FormField label={exit.required ? `${exit.label} (required)` : exit.label} errorText={message} stretch>
        <TargetSelect
          flow={flow}
          titles={titles}
          readOnly={readOnly}
          label={exit.label}
          target={exit.target}
          required={exit.required}
          without={exit.optional ? "Not used" : "Ends the session"}
          onChange={(target) => setTarget(exit, target)}
        />
      </FormField>
    </div>
  );
}

/** An exit that the author names, such as an answer of the business's API. */
function NewExit() {
  const { exits, setTarget } = useForm();
  const [name, setName] = useState("");
  const taken = exits.some((exit) => exit.name === name);
  function add() {
    if (name.trim() === "" || taken) return;
    setTarget({ ...NEW, name: name.trim() }, { kind: "end" });
    setName("");
  }
  return (
    <FormField
      label="Add an exit for an answer"
      description="The exact value of the answer, such as approved or 404."
      errorText={taken ? `There is an exit ${name} already.` : ""}
      stretch
    >
      <div className="form-add">
        <Input
          value={name}
          spellcheck={false}
          autoComplete={false}
          onChange={({ detail }) => setName(detail.value)}
          onKeyDown={({ detail }) => detail.key === "Enter" && add()}
        />
        <Button iconName="add-plus" ariaLabel="Add the exit" onClick={add} disabled={name.trim() === "" || taken}>
          Add
        </Button>
      </div>
    </FormField>
  );
}

const NEW: PlacedExit = {
  name: "",
  label: "",
  required: false,
  main: false,
  setback: false,
  timeout: false,
  optional: false,
  target: null,
  own: null,
  writtenAt: null,
};
