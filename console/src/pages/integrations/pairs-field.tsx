import Input from "@cloudscape-design/components/input";
import { RowEditor } from "./row-editor";

type Text = string | string[];

interface Row {
  name: string;
  value: string;
}

function toRows(entries: Record<string, Text>): Row[] {
  return Object.entries(entries).flatMap(([name, value]) =>
    [value].flat().map((each) => ({ name, value: String(each) })),
  );
}

function fromRows(rows: readonly Row[]): Record<string, Text> | undefined {
  const entries: Record<string, Text> = {};
  for (const { name, value } of rows.filter((row) => row.name)) {
    const before = entries[name];
    entries[name] = before === undefined ? value : [before, value].flat();
  }
  return rows.some((row) => row.name) ? entries : undefined;
}

interface Props {
  label: string;
  description?: string;
  entries: Record<string, Text>;
  readOnly: boolean;
  onChange(entries: Record<string, Text> | undefined): void;
}

/** Names with values. A row without a name is kept on the screen and not written. */
export function PairsField({ label, description = "", entries, readOnly, onChange }: Props) {
  return (
    <RowEditor<Row, Record<string, Text> | undefined>
      label={label}
      description={description}
      addButton={`Add to ${label.toLowerCase()}`}
      rows={toRows(entries)}
      newRow={() => ({ name: "", value: "" })}
      readOnly={readOnly}
      toWritten={fromRows}
      onChange={onChange}
      columns={(["name", "value"] as const).map((field) => ({
        label: field === "name" ? "Name" : "Value",
        control: (row, edit) => (
          <Input
            value={row[field]}
            readOnly={readOnly}
            spellcheck={false}
            onChange={({ detail }) => edit({ ...row, [field]: detail.value })}
          />
        ),
      }))}
    />
  );
}
