import { AssetPicker } from "../../pages/assets/asset-picker";
import { IntegrationPicker } from "../../pages/integrations/integration-picker";
import type { FieldProps } from "./field-props";
import { toText } from "./field-values";
import { useForm } from "./form-scope";
import { Framed } from "./framed";

/** A file of the asset library. */
export function AssetField(props: FieldProps) {
  const { readOnly } = useForm();
  return (
    <Framed {...props}>
      <AssetPicker
        value={toText(props.value) || null}
        readOnly={readOnly}
        onChange={(name) => props.onChange(name ?? (props.required ? "" : undefined))}
      />
    </Framed>
  );
}

/** One of the integrations. */
export function IntegrationField(props: FieldProps) {
  const { readOnly } = useForm();
  return (
    <Framed {...props}>
      <IntegrationPicker
        value={toText(props.value) || null}
        readOnly={readOnly}
        onChange={(name) => props.onChange(name ?? (props.required ? "" : undefined))}
      />
    </Framed>
  );
}
