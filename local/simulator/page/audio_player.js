// A player for voice notes and other audio, with a waveform.

import { make, svg } from "./elements.js";
import { icon } from "./icons.js";
import { duration } from "./formatting.js";

const BARS = 46;
let playing = null;

export function audioPlayer(message, url) {
  const audio = new Audio(url);
  audio.preload = "metadata";
  const bars = Array.from({ length: BARS }, (_, index) =>
    svg("rect", { x: index * 4, y: 14, width: 2.4, height: 4, rx: 1.2 }),
  );
  const seek = make("input", { type: "range", min: 0, max: 1000, value: 0, "aria-label": "Position" });
  const time = make("span", { class: "voice-time" }, "0:00");
  const button = make("button", { type: "button", class: "round" });
  const label = message.voice ? "voice message" : "audio";

  const show = () => {
    const length = Number.isFinite(audio.duration) ? audio.duration : 0;
    const share = length ? audio.currentTime / length : 0;
    bars.forEach((bar, index) => bar.classList.toggle("played", share > 0 && index / BARS <= share));
    seek.value = Math.round(share * 1000);
    seek.setAttribute("aria-valuetext", `${duration(audio.currentTime)} of ${duration(length)}`);
    time.textContent = duration(audio.currentTime || length);
    button.replaceChildren(icon(audio.paused ? "play" : "pause"));
    button.setAttribute("aria-label", `${audio.paused ? "Play" : "Pause"} ${label}`);
  };
  button.addEventListener("click", () => {
    if (!audio.paused) return audio.pause();
    if (playing && playing !== audio) playing.pause();
    playing = audio;
    return audio.play().catch(() => {});
  });
  seek.addEventListener("input", () => {
    if (Number.isFinite(audio.duration)) audio.currentTime = (seek.value / 1000) * audio.duration;
  });
  for (const event of ["timeupdate", "play", "pause", "ended", "loadedmetadata"]) audio.addEventListener(event, show);
  show();
  loudness(url)
    .then((levels) =>
      levels.forEach((level, index) => {
        const height = 3 + level * 27;
        bars[index].setAttribute("y", 16 - height / 2);
        bars[index].setAttribute("height", height);
      }),
    )
    .catch(() => {});
  const line = svg(
    "svg",
    { viewBox: `0 0 ${BARS * 4} 32`, preserveAspectRatio: "none", "aria-hidden": "true" },
    ...bars,
  );
  return make(
    "div",
    { class: "voice", role: "group", "aria-label": label },
    button,
    make("div", { class: "voice-line" }, line, seek),
    time,
  );
}

async function loudness(url) {
  const bytes = await (await fetch(url)).arrayBuffer();
  const sound = await new OfflineAudioContext(1, 1, 44100).decodeAudioData(bytes);
  const samples = sound.getChannelData(0);
  const step = Math.floor(samples.length / BARS) || 1;
  const levels = Array.from({ length: BARS }, (_, index) => {
    let sum = 0;
    for (let at = index * step; at < (index + 1) * step; at += 1) sum += samples[at] ** 2;
    return Math.sqrt(sum / step);
  });
  const loudest = Math.max(...levels) || 1;
  return levels.map((level) => level / loudest);
}
