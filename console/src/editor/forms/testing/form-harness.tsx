import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import type { ReactNode } from "react";
import { connectApi } from "../../../api/client";
import { NotificationList, NotificationsProvider } from "../../../app/notifications";
import nodeTypes from "../../../node-types/testing/node-types.json";
import { EditorProvider } from "../../editor-provider";
import { type Editor, type Findings, type NodeType, useEditor } from "../../editor-state";

export const NODE_TYPES = nodeTypes as unknown as NodeType[];

/** Answers of the API by path, such as `/integrations`; anything else is an empty list. */
export type Answers = Record<string, unknown>;

export function answer(answers: Answers): void {
  globalThis.fetch = async (request) => {
    const { pathname } = new URL((request as Request).url);
    const found = answers[pathname.replace(/^.*\/api\/v1/, "")];
    return Response.json(found ?? { items: [], next: null });
  };
  const session = { token: async () => "token", renew: async () => null };
  connectApi({ api: "/api/v1" } as Parameters<typeof connectApi>[0], session as Parameters<typeof connectApi>[1]);
}

interface Options {
  types?: NodeType[];
  findings?: Partial<Findings> | null;
  mayEdit?: boolean;
  answers?: Answers;
}

/** Shows a form in an editor. `now()` is the editor as it is then. */
export function showForm(text: string, form: ReactNode, options: Options = {}): { now(): Editor } {
  answer(options.answers ?? {});
  let current: Editor | null = null;
  function Spy() {
    current = useEditor();
    return null;
  }
  const findings = options.findings
    ? ({ problems: [], warnings: [], warnings_found: [], variables: {}, ...options.findings } as Findings)
    : null;
  render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <NotificationsProvider>
        <NotificationList />
        <EditorProvider
          name="photo"
          initialText={text}
          mayEdit={options.mayEdit ?? true}
          nodeTypes={options.types ?? NODE_TYPES}
          findings={findings}
        >
          <Spy />
          {form}
        </EditorProvider>
      </NotificationsProvider>
    </QueryClientProvider>,
  );
  return {
    now() {
      if (!current) throw new Error("The editor is not shown.");
      return current;
    },
  };
}
