import FormField from "@cloudscape-design/components/form-field";
import type { ReactNode } from "react";
import { resolved } from "../../node-types/schemas";
import { fieldName, messageAt } from "./field-problems";
import type { FieldProps } from "./field-props";
import { useForm } from "./form-scope";

interface Props extends Pick<FieldProps, "placed" | "path" | "label" | "required"> {
  /** What may be written, such as "From 1 to 10." */
  limits?: string;
  /** What is wrong, beside what validation says. */
  error?: string;
  children: ReactNode;
}

/** A field with its label, its help, and what is wrong with it. */
export function Framed({ placed, path, label, required, limits = "", error = "", children }: Props) {
  const { problems } = useForm();
  const { description } = resolved(placed).schema;
  return (
    <div data-field={fieldName(path)}>
      <FormField
        label={
          required ? (
            label
          ) : (
            <span>
              {label} <i>- optional</i>
            </span>
          )
        }
        description={description}
        constraintText={limits}
        errorText={error || messageAt(problems, path)}
        stretch
      >
        {children}
      </FormField>
    </div>
  );
}
