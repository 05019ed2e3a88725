import Icon from "@cloudscape-design/components/icon";
import { useState } from "react";
import type { Asset } from "./asset-rules";
import "./assets.css";

/** The thumbnail of an asset; an icon while there is none. Decorative: its name stands beside it. */
export function AssetPicture({ asset, size }: { asset: Pick<Asset, "thumbnail_url">; size: "small" | "large" }) {
  const [failed, setFailed] = useState<string | null>(null);
  const url = asset.thumbnail_url;
  return (
    <div className={`asset-picture asset-picture-${size}`}>
      {url && url !== failed ? (
        <img src={url} alt="" loading="lazy" onError={() => setFailed(url)} />
      ) : (
        <Icon name="file" size={size === "large" ? "large" : "medium"} variant="subtle" />
      )}
    </div>
  );
}
