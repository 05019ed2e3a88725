import { type ReactNode, useEffect, useState } from "react";
import { useApp } from "./context";
import { Loading } from "./loading";

/** Shows its content to a signed-in user; everybody else is led to the sign-in page. */
export function SignedIn({ children }: { children: ReactNode }) {
  const { session } = useApp();
  const [known, setKnown] = useState(false);
  useEffect(() => {
    void session.token().then((token) => (token ? setKnown(true) : session.signIn()));
  }, [session]);
  return known ? children : <Loading what="your session" />;
}
