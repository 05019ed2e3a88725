import Box from "@cloudscape-design/components/box";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { explain } from "../../api/problems";
import { FormDialog } from "../../app/dialog";
import { findConversation } from "./session-requests";

/** Find the conversation with a contact by their number or another address. What is typed here is kept nowhere. */
export function FindConversation({ onDismiss }: { onDismiss(): void }) {
  const navigate = useNavigate();
  const [channel, setChannel] = useState("whatsapp");
  const [account, setAccount] = useState("");
  const [contact, setContact] = useState("");
  const find = useMutation({
    mutationFn: () => findConversation({ channel: channel.trim(), account: account.trim(), contact: contact.trim() }),
    onSuccess: (conversation) => navigate(`/sessions/${conversation}`),
    gcTime: 0,
  });
  const complete = [channel, account, contact].every((each) => each.trim());
  return (
    <FormDialog
      title="Find a contact"
      onClose={onDismiss}
      action="Find"
      busy={find.isPending}
      busyText="Looking"
      disabled={!complete}
      failure={find.error && explain(find.error)}
      failureTitle="Nobody was found"
      onSubmit={find.mutate}
    >
      <FormField label="Contact" description="A phone number with its country code, or another address of theirs.">
        <Input
          value={contact}
          autoComplete={false}
          spellcheck={false}
          onChange={({ detail }) => setContact(detail.value)}
        />
      </FormField>
      <FormField label="Channel" constraintText="Such as whatsapp or telegram.">
        <Input value={channel} spellcheck={false} onChange={({ detail }) => setChannel(detail.value)} />
      </FormField>
      <FormField label="Account" description="Your number or bot on the channel, by the id that it has there.">
        <Input value={account} spellcheck={false} onChange={({ detail }) => setAccount(detail.value)} />
      </FormField>
      <Box variant="small">Who looked whom up is written into the audit, without the number.</Box>
    </FormDialog>
  );
}
