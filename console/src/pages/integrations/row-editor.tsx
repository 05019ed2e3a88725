import AttributeEditor from "@cloudscape-design/components/attribute-editor";
import FormField from "@cloudscape-design/components/form-field";
import { type ReactNode, useEffect, useState } from "react";

interface Column<Row> {
  label: string;
  control(row: Row, edit: (next: Row) => void): ReactNode;
}

interface Props<Row, Written> {
  label: string;
  description: string;
  addButton: string;
  /** The rows as the text has them. */
  rows: readonly Row[];
  /** The row that is added as the `place`-th, from 1 on. */
  newRow(place: number): Row;
  /** At least so many rows stay. */
  least?: number;
  columns: readonly Column<Row>[];
  readOnly: boolean;
  /** What is written for rows; a row that is not complete yet may be on the screen and not in the text. */
  toWritten(rows: readonly Row[]): Written;
  onChange(written: Written): void;
}

/** Edits a list of rows; they are replaced when the text is changed elsewhere. */
export function RowEditor<Row, Written>(props: Props<Row, Written>) {
  const { toWritten, readOnly } = props;
  const [rows, setRows] = useState(props.rows);
  const isWrittenAs = (one: readonly Row[], other: readonly Row[]) =>
    JSON.stringify(toWritten(one)) === JSON.stringify(toWritten(other));
  const isChangedElsewhere = !isWrittenAs(props.rows, rows);
  useEffect(() => {
    if (isChangedElsewhere) setRows(props.rows);
  });
  const update = (next: readonly Row[]) => {
    setRows(next);
    if (!isWrittenAs(next, rows)) props.onChange(toWritten(next));
  };
  return (
    <FormField label={props.label} description={props.description} stretch>
      <AttributeEditor
        items={rows}
        addButtonText={props.addButton}
        removeButtonText="Remove"
        disableAddButton={readOnly}
        isItemRemovable={() => !readOnly && rows.length > (props.least ?? 0)}
        empty="None."
        onAddButtonClick={() => update([...rows, props.newRow(rows.length + 1)])}
        onRemoveButtonClick={({ detail }) => update(rows.filter((_, at) => at !== detail.itemIndex))}
        definition={props.columns.map(({ label, control }) => ({
          label,
          control: (row: Row, index: number) => control(row, (next) => update(rows.with(index, next))),
        }))}
      />
    </FormField>
  );
}
