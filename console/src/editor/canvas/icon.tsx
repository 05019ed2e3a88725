import { ICON_PATHS } from "./icon-paths";

/** The icon of a node type; a name that the console does not know gets the shape of a box. */
export function Icon({ name, size = 18 }: { name: string; size?: number }) {
  const path = Object.hasOwn(ICON_PATHS, name) ? ICON_PATHS[name] : ICON_PATHS.box;
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={2}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={path} />
    </svg>
  );
}
