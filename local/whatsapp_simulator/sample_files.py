"""Makes the built-in samples: small, real files of every kind that a phone sends."""

from __future__ import annotations

import subprocess
from pathlib import Path

from local.whatsapp_simulator.sample_pictures import draw_page, draw_scene

LETTER = (
    "I was driving along Harbour Street at about 30 km/h when a delivery van pulled out of a side road. "
    "I braked, but the van touched the left front of my car. Nobody was hurt."
)


def make_samples(folder: Path) -> None:
    """Write all samples into a folder; needs Pillow, python-docx and imageio-ffmpeg, which the dev group has."""
    for number, light in enumerate(("dusk", "day", "night"), start=1):
        draw_scene(light).save(folder / f"photo-{number}.jpg", quality=86)
    draw_page().save(folder / "Repair estimate (März).pdf", resolution=110)
    _letter(folder / "Statement of the driver.docx")
    _voice_note(folder / "voice-note.ogg")
    _video(folder / "photo-1.jpg", folder / "walk-around.mp4")


def _letter(path: Path) -> None:
    import docx

    document = docx.Document()
    document.add_heading("Statement of the driver", level=1)
    document.add_paragraph(LETTER)
    document.add_paragraph("Mara Lindqvist")
    document.save(str(path))


def _voice_note(path: Path) -> None:
    # Opus, mono: the only form in which WhatsApp takes ogg. A tone that rises and falls like a sentence.
    tone = "0.35*sin(2*PI*t*(190+60*sin(2*PI*0.7*t)))*abs(sin(2*PI*1.9*t))*(0.55+0.45*sin(2*PI*0.4*t))"
    _ffmpeg("-f", "lavfi", "-i", f"aevalsrc={tone}:d=5:s=48000", "-ac", "1", "-c:a", "libopus", "-b:a", "24k", path)


def _video(picture: Path, path: Path) -> None:
    pan = "scale=1280:-2,zoompan=z='1+0.0022*on':x='iw*0.10*on/90':y='ih*0.12':d=90:s=640x480:fps=25,format=yuv420p"
    _ffmpeg(
        *("-i", picture, "-f", "lavfi", "-i", "aevalsrc=0.05*sin(2*PI*t*220):d=3.6:s=44100"),
        *("-vf", pan, "-c:v", "libx264", "-preset", "veryfast", "-crf", "27", "-c:a", "aac", "-b:a", "48k"),
        *("-movflags", "+faststart", "-shortest", path),
    )


def _ffmpeg(*arguments: str | Path) -> None:
    import imageio_ffmpeg

    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-loglevel", "error", *map(str, arguments)]
    subprocess.run(command, check=True, timeout=120)
