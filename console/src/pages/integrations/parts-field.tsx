import Box from "@cloudscape-design/components/box";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import type { Part } from "./definition";
import { RowEditor } from "./row-editor";

const FILE = { value: "file", label: "A file" };
const VALUE = { value: "value", label: "A value" };

interface Props {
  parts: Part[];
  readOnly: boolean;
  onChange(parts: readonly Part[]): void;
}

/** The parts of a multipart body: values, and the part that carries the file. */
export function PartsField({ parts, readOnly, onChange }: Props) {
  return (
    <RowEditor<Part, readonly Part[]>
      label="Parts"
      description="The API's documentation names the part that takes the file."
      addButton="Add a part"
      rows={parts}
      newRow={(place) => ({ name: `part${place}`, value: "" })}
      least={1}
      readOnly={readOnly}
      toWritten={(rows) => rows}
      onChange={onChange}
      columns={[
        {
          label: "Name",
          control: (part, edit) => (
            <Input
              value={part.name}
              readOnly={readOnly}
              spellcheck={false}
              onChange={({ detail }) => edit({ ...part, name: detail.value })}
            />
          ),
        },
        {
          label: "Carries",
          control: (part, edit) => (
            <Select
              selectedOption={isFile(part) ? FILE : VALUE}
              options={[FILE, VALUE]}
              disabled={readOnly}
              onChange={({ detail }) =>
                edit(
                  detail.selectedOption.value === "file"
                    ? { name: part.name, file: "[[file]]" }
                    : { name: part.name, value: "" },
                )
              }
            />
          ),
        },
        {
          label: "Value or variable",
          control: (part, edit) => (
            <Input
              value={part.file ?? part.value ?? ""}
              readOnly={readOnly}
              spellcheck={false}
              onChange={({ detail }) => edit({ ...part, [isFile(part) ? "file" : "value"]: detail.value })}
            />
          ),
        },
        {
          label: "File name",
          control: (part, edit) =>
            isFile(part) ? (
              <Input
                value={part.filename ?? ""}
                readOnly={readOnly}
                placeholder="As the customer named it"
                onChange={({ detail: { value } }) => {
                  const { filename: _, ...rest } = part;
                  edit(value ? { ...rest, filename: value } : rest);
                }}
              />
            ) : (
              <Box padding={{ top: "xs" }}>-</Box>
            ),
        },
      ]}
    />
  );
}

function isFile(part: Part): boolean {
  return part.file != null;
}
