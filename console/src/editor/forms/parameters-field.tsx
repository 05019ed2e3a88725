import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useQuery } from "@tanstack/react-query";
import { api, unwrap } from "../../api/client";
import { isRecord } from "../../flow-text/model";
import { resolved } from "../../node-types/schemas";
import { type Definition, parametersOf } from "../../pages/integrations/definition";
import { fieldName, messageAt } from "./field-problems";
import type { FieldProps } from "./field-props";
import { useForm } from "./form-scope";
import { MapField } from "./map-field";
import { SchemaField } from "./schema-field";

/** Values for the parameters of the chosen integration: a field for each, of the right kind. */
export function ParametersField(props: FieldProps) {
  const { integration, problems, change, readOnly } = useForm();
  const { data, isLoading, error } = useQuery({
    queryKey: ["integration", integration, "parameters"],
    queryFn: async () =>
      parametersOf(
        (await unwrap(
          api().GET("/integrations/{integration}", {
            params: { path: { integration } },
            headers: { Accept: "application/json" },
          }),
        )) as unknown as Definition,
      ),
    enabled: integration !== "",
  });
  const given = isRecord(props.value) ? props.value : {};
  const { schema, root } = resolved(props.placed);
  if (!data && !isLoading) {
    const item = { schema: { "x-widget": "template" }, root };
    const why = error
      ? `What "${integration}" needs could not be loaded, so the names are not checked here.`
      : "Choose an integration first: then there is a field for each value that it needs.";
    return (
      <SpaceBetween size="xs">
        {(error || Object.keys(given).length > 0) && <MapField {...props} item={item} />}
        <Box variant="small">{why}</Box>
      </SpaceBetween>
    );
  }
  const known = data ?? [];
  const others = Object.keys(given).filter((name) => !known.some((each) => each.name === name));
  const shown = [...known, ...(data ? others.map((name) => ({ name, file: false })) : [])];
  const message = messageAt(
    problems,
    props.path,
    shown.map(({ name }) => name),
  );
  return (
    <div data-field={fieldName(props.path)} role="group" aria-label={props.label}>
      <SpaceBetween size="s">
        <div>
          <Box variant="awsui-key-label">{props.label}</Box>
          <Box variant="small">{schema.description}</Box>
          {isLoading && <StatusIndicator type="loading">Loading what the integration needs</StatusIndicator>}
          {message && <StatusIndicator type="error">{message}</StatusIndicator>}
          {data?.length === 0 && <Box variant="small">This integration needs none.</Box>}
        </div>
        {shown.map(({ name, file: isFile }) => {
          const isKnown = !others.includes(name);
          const description = isKnown
            ? isFile
              ? `A file. Empty takes the variable ${name}.`
              : `Empty takes the variable ${name}.`
            : "The integration does not have this parameter.";
          return (
            <div className="form-map-entry" key={name}>
              <SchemaField
                placed={{ schema: { "x-widget": isFile ? "file" : "template", description }, root }}
                path={[...props.path, name]}
                label={name}
                required={false}
                value={given[name]}
                onChange={(value) => change([{ path: [...props.path, name], value }], `${props.label}: ${name}`)}
              />
              {!isKnown && !readOnly && (
                <Button
                  variant="icon"
                  iconName="remove"
                  ariaLabel={`Remove ${name}`}
                  onClick={() => change([{ path: [...props.path, name], value: undefined }], `Remove ${name}`)}
                />
              )}
            </div>
          );
        })}
      </SpaceBetween>
    </div>
  );
}
