import Link from "@cloudscape-design/components/link";
import type { ReactNode } from "react";
import { useNavigate } from "react-router";

/** A link to another page of the console. */
export function PageLink({ to, children, label }: { to: string; children: ReactNode; label?: string }) {
  const navigate = useNavigate();
  return (
    <Link
      href={to}
      ariaLabel={label}
      onFollow={(event) => {
        event.preventDefault();
        navigate(to);
      }}
    >
      {children}
    </Link>
  );
}
