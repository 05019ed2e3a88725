import { BooleanField, ChoiceField, ChoicesField, DurationField, FileField } from "./choice-fields";
import { AssetField, IntegrationField } from "./chosen-fields";
import { canShow, fieldKind } from "./field-kind";
import type { FieldProps } from "./field-props";
import { EntriesField, TextsField } from "./list-fields";
import { MapField } from "./map-field";
import { ObjectField } from "./object-field";
import { ParametersField } from "./parameters-field";
import { PatternField } from "./pattern-field";
import { NodeNameField } from "./target-field";
import { LineField, NumberField, ScalarField, TemplateField, YamlField } from "./text-fields";

/** The form field for a value, by its schema. What no field can show is written as YAML. */
export function SchemaField(props: FieldProps) {
  const field = fieldKind(props.placed);
  if (!canShow(field, props.value)) return <YamlField {...props} />;
  switch (field.kind) {
    case "text":
      return <TemplateField {...props} several />;
    case "template":
      return <TemplateField {...props} />;
    case "variable":
    case "line":
      return <LineField {...props} />;
    case "number":
      return <NumberField {...props} />;
    case "scalar":
      return <ScalarField {...props} />;
    case "boolean":
      return <BooleanField {...props} />;
    case "choice":
      return <ChoiceField {...props} values={field.values} />;
    case "choices":
      return <ChoicesField {...props} values={field.values} />;
    case "duration":
      return <DurationField {...props} />;
    case "pattern":
      return <PatternField {...props} />;
    case "file":
      return <FileField {...props} />;
    case "asset":
      return <AssetField {...props} />;
    case "integration":
      return <IntegrationField {...props} />;
    case "parameters":
      return <ParametersField {...props} />;
    case "node":
      return <NodeNameField {...props} />;
    case "texts":
      return <TextsField {...props} item={field.item} />;
    case "entries":
      return <EntriesField {...props} item={field.item} />;
    case "group":
      return <ObjectField {...props} placed={field.placed} words={props.placed} optional={field.optional} />;
    case "map":
      return <MapField {...props} item={field.item} />;
    default:
      return <YamlField {...props} />;
  }
}
