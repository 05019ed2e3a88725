import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useEffect, useRef, useState } from "react";
import { useNavigate } from "react-router";
import { explain } from "../api/problems";
import { useApp } from "./context";
import { Loading } from "./loading";

/** Where the sign-in page returns to. */
export function SignedInPage() {
  const { session } = useApp();
  const navigate = useNavigate();
  const [failure, setFailure] = useState<unknown>(null);
  const begun = useRef(false); // the code in the address works once
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    session.finishSignIn().then((path) => navigate(path, { replace: true }), setFailure);
  }, [session, navigate]);
  if (!failure) return <Loading what="your session" />;
  return (
    <Frame title="You are not signed in">
      <Alert type="error">{explain(failure)}</Alert>
      <Button variant="primary" onClick={() => void session.signIn()}>
        Sign in
      </Button>
    </Frame>
  );
}

export function SignedOutPage() {
  const { session } = useApp();
  return (
    <Frame title="You are signed out">
      <Box>This browser has no access to Chatflow any more.</Box>
      <Button variant="primary" onClick={() => void session.signIn()}>
        Sign in
      </Button>
    </Frame>
  );
}

function Frame({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <main>
      <Box padding="xxxl" textAlign="center">
        <SpaceBetween size="l" alignItems="center">
          <Box variant="h1">{title}</Box>
          {children}
        </SpaceBetween>
      </Box>
    </main>
  );
}
