import { fromTarget, sameJson, toTarget } from "../../flow-text/model";
import { alternatives, isTarget } from "../../node-types/schemas";
import { TargetSelect } from "../target-select";
import type { FieldProps } from "./field-props";
import { useForm } from "./form-scope";
import { Framed } from "./framed";

/** Where to go next. A field that belongs to an exit shows where the exit leads, wherever that is written. */
export function NodeNameField(props: FieldProps) {
  const { flow, titles, readOnly, exits, setTarget } = useForm();
  const exit = exits.find(({ own }) => own !== null && sameJson(own, props.path));
  const mayBeNull = alternatives(props.placed).some(({ schema }) => schema.type === "null");
  const required = (exit?.required ?? false) || (props.required && !mayBeNull);
  const written = props.value === undefined || props.value === null ? null : toTarget(props.value);
  return (
    <Framed {...props} required={required}>
      <TargetSelect
        flow={flow}
        titles={titles}
        readOnly={readOnly}
        label={props.label}
        target={exit ? exit.target : written}
        required={required}
        without={isTarget(props.placed) ? "Ends the session" : "None"}
        onChange={(target) =>
          exit ? setTarget(exit, target) : props.onChange(target ? fromTarget(target) : undefined)
        }
      />
    </Framed>
  );
}
