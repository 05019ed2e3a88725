import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { expect, test } from "vitest";
import { NotificationsProvider } from "../../app/notifications";
import { readDefinition } from "./definition";
import { IntegrationForm } from "./integration-form";

const TEXT = `# Uploads one file.
integration: upload
method: POST   # not PUT
url: "https://api.example.com/[[plate]]"
headers: {Authorization: "Bearer [[secret:key]]"}
request:
  content_type: multipart/form-data
  parts:
    - {name: file, file: "[[file]]"}   # what the API calls it
response: {content_type: application/json}
`;

let text = "";

function Form({ initial }: { initial: string }) {
  const [now, set] = useState(initial);
  text = now;
  const { definition } = readDefinition(now);
  return (
    <NotificationsProvider>
      {definition ? <IntegrationForm text={now} definition={definition} readOnly={false} onChange={set} /> : null}
    </NotificationsProvider>
  );
}

function show(initial = TEXT) {
  render(<Form initial={initial} />);
  return userEvent.setup();
}

test("a changed address changes its line and no other", async () => {
  const user = show();
  await user.type(screen.getByRole("textbox", { name: "Address" }), "/photos");

  expect(text).toBe(TEXT.replace("[[plate]]", "[[plate]]/photos"));
});

test("a header is written when its name is", async () => {
  const user = show();
  await user.click(screen.getByRole("button", { name: "Add to headers" }));
  expect(text).toBe(TEXT);

  const names = screen.getAllByRole("textbox", { name: /^Headers Name/ });
  await user.type(names[1] as HTMLElement, "Accept");
  expect(readDefinition(text).definition?.headers).toEqual({ Authorization: "Bearer [[secret:key]]", Accept: "" });
  expect(text).toContain("# not PUT");
});

test("the same name twice in the query repeats it", async () => {
  const user = show("integration: x\nmethod: GET\nurl: https://a.example\nquery: {tag: a}\n");
  await user.click(screen.getByRole("button", { name: "Add to query" }));
  const names = screen.getAllByRole("textbox", { name: /^Query Name/ });
  const values = screen.getAllByRole("textbox", { name: /^Query Value/ });
  await user.type(names.at(-1) as HTMLElement, "tag");
  await user.type(values.at(-1) as HTMLElement, "b");

  expect(readDefinition(text).definition?.query).toEqual({ tag: ["a", "b"] });
});

test("another kind of body brings its field, and takes away the others", async () => {
  const user = show();
  await user.click(screen.getByRole("radio", { name: "JSON" }));
  expect(readDefinition(text).definition?.request).toEqual({ content_type: "application/json", body: {} });

  await user.click(screen.getByRole("radio", { name: "Nothing" }));
  expect(readDefinition(text).definition?.request).toBeUndefined();
});

test("status codes are taken as numbers, and what is none is named", async () => {
  const user = show();
  const field = screen.getByRole("textbox", { name: "Status codes that mean success" });
  await user.type(field, "200, 201");
  expect(readDefinition(text).definition?.response?.success).toEqual([200, 201]);

  await user.type(field, ", yes");
  expect(screen.getByText(/yes is no status code/)).toBeTruthy();
});
