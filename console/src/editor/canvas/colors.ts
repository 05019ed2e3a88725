import * as tokens from "@cloudscape-design/design-tokens";
import type { CSSProperties } from "react";

/** Cloudscape's colors, light and dark, for canvas.css: the names of its own variables carry a hash. */
export const canvasColors = {
  "--canvas": tokens.colorBackgroundLayoutMain,
  "--card": tokens.colorBackgroundContainerContent,
  "--border": tokens.colorBorderControlDefault,
  "--divider": tokens.colorBorderDividerDefault,
  "--text": tokens.colorTextBodyDefault,
  "--text-secondary": tokens.colorTextBodySecondary,
  "--heading": tokens.colorTextHeadingDefault,
  "--accent": tokens.colorBorderItemFocused,
  "--selected": tokens.colorBackgroundItemSelected,
  "--error": tokens.colorTextStatusError,
  "--error-back": tokens.colorBackgroundStatusError,
  "--success": tokens.colorTextStatusSuccess,
  "--success-back": tokens.colorBackgroundStatusSuccess,
  "--info": tokens.colorTextStatusInfo,
  "--info-back": tokens.colorBackgroundStatusInfo,
  "--warning": tokens.colorTextStatusWarning,
  "--warning-back": tokens.colorBackgroundStatusWarning,
  "--line": tokens.colorChartsLineAxis,
} as CSSProperties;
