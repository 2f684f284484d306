"""Makes a video of a person doing one action after another, and its ground truth.

    python make_clip.py --seed 7 --seconds 48 --out everyday.mp4

writes everyday.mp4 (640x360, 25 frames a second, H.264) and everyday.timeline.json: a list of
{"start": s, "end": s, "label": text} that covers the clip without gaps. The same arguments give the same images.
"""

import argparse
import json
import subprocess
from pathlib import Path

import numpy as np
import cv2

from actions import ACTIONS, BACKGROUND, LABELS, ONE_SHOT
from camera import body_joints, fade, grain, random_camera, render, tone_tables, views, with_noise
from clips import ease
from drawing import random_body, random_cover, random_movers, random_scene
from figures import mix, move, random_duration, random_lie, random_motion

WIDTH, HEIGHT, RATE = 640, 360, 25
LEFT, RIGHT = -0.62, 1.62
#: Drawn larger and scaled down, so that edges are smooth.
OVERSIZE = 2
#: The duration of the transition to the next action, in seconds; it belongs to the next action.
PASSAGE = 0.45

EMPTY, STANDING = "an empty room", "standing still"
FREE = [label for label in LABELS if label not in ("standing up", "lying on the floor")]


def next_action(rng, posture, last, left, quiet_due, bag):
    """A random next action of a person in a posture; returns the action and the kind of its path."""
    if posture == "absent":
        return ("walking" if rng.random() < 0.7 else "running"), "enter"
    if posture == "seated":
        return "standing up", "stay"
    if posture == "down":
        return ("standing up" if last == "lying on the floor" else "lying on the floor"), "stay"
    if quiet_due and last != STANDING:
        if left > 16 and rng.random() < 0.4 and last not in ("walking", "running"):
            return "walking", "leave"
        return STANDING, "stay"
    needed = {"falling down": 11, "sitting down": 8.5}
    for _ in range(50):
        if not bag:
            bag.extend(rng.permutation(FREE))
        action = str(bag.pop())
        if action != last and left > needed.get(action, 0):
            return action, "stay"
    return STANDING, "stay"


def random_timeline(rng, seconds, quiet):
    """Segments of (start, end, action, motion); the posture at the end of one is that at the start of the next."""
    if quiet >= 1:
        action = EMPTY if rng.random() < 0.5 else STANDING
        return quiet_timeline(rng, seconds, action)
    segments, bag = [], []
    posture = "absent" if rng.random() < 0.35 * (quiet > 0) else "up"
    now, calm, last, x, lie, manner = 0.0, 0.0, None, rng.uniform(0.4, 0.6), None, None
    while now < seconds - 1e-6:
        left = seconds - now
        if posture == "absent" and last != EMPTY:
            action, kind = EMPTY, "stay"
        elif segments or posture == "absent":
            action, kind = next_action(rng, posture, last, left, calm < quiet * (now + 4), bag)
        else:
            action, kind = (STANDING, "stay") if quiet > 0 else next_action(rng, "up", None, left, False, bag)
        duration = random_duration(rng, action)
        if action in BACKGROUND and quiet > 0.4:
            duration *= 1 + 2 * quiet
        if left - duration < 3.1 and action not in ONE_SHOT:
            duration = left
        duration = round(duration * RATE) / RATE
        if action == "falling down":
            lie = random_lie(rng)
        before = segments[-1][3] if segments else None
        motion = random_motion(rng, action, duration, x=x, kind=kind, lie=lie, from_lying=posture == "down")
        if posture in ("seated", "down") and before:
            for name in ("yaw", "spread", "knee"):
                motion[name] = before[name]
        if action == STANDING and last == "standing up" and before:
            motion["yaw"] = before["yaw"] * 0.5
        segments.append((now, min(now + duration, seconds), action, motion))
        if motion["path"] is not None:
            x = float(motion["path"][1][-1])
        calm += duration if action in BACKGROUND else 0.0
        posture = {"falling down": "down", "lying on the floor": "down", "sitting down": "seated", "standing up": "up"}.get(action, posture)
        if action in ("walking", "running"):
            posture = "absent" if kind == "leave" else "up"
        x = x if 0 < x < 1 else rng.uniform(0.4, 0.6)
        now, last = now + duration, action
    return segments


def quiet_timeline(rng, seconds, action):
    """One uneventful segment: an empty room, or a person who sometimes changes posture."""
    segments, now, x = [], 0.0, rng.uniform(0.4, 0.6)
    while now < seconds - 1e-6:
        duration = min(seconds - now, round(rng.uniform(5, 15) * RATE) / RATE)
        segments.append((now, now + duration, action, random_motion(rng, action, duration, x=x)))
        now += duration
    return segments


def written_timeline(segments):
    """The timeline as it is written: neighbors with one label are one."""
    written = []
    for start, end, action, _ in segments:
        if written and written[-1]["label"] == action:
            written[-1]["end"] = round(end, 3)
        else:
            written.append({"start": round(start, 3), "end": round(end, 3), "label": action})
    return written


def segment_pose(segments, index, times):
    """Poses in one segment at times since its start; the first moments are a transition from the previous segment."""
    start, _, action, motion = segments[index]
    if action == EMPTY:
        return None
    pose = move(action, times, motion)
    if index > 0 and segments[index - 1][2] != EMPTY and times[0] < PASSAGE:
        begun, _, before, manner = segments[index - 1]
        pose = mix(move(before, times + (start - begun), manner), pose, ease(times / PASSAGE))
    return pose


def smooth(values, frames):
    """Averages noise over a number of frames and restores its variance."""
    kernel = np.hanning(frames + 2)[1:-1]
    kernel /= np.sqrt((kernel ** 2).sum())
    return np.apply_along_axis(lambda column: np.convolve(column, kernel, mode="same"), 0, values)


def frames_of(rng, segments, rich):
    """Yields the clip's frames, 8-bit RGB."""
    scene = random_scene(rng, rich, HEIGHT * OVERSIZE, LEFT, RIGHT)
    body = random_body(rng, rich, scene)
    camera = random_camera(rng, rich)
    camera["saturation"] = min(camera["saturation"], rng.uniform(0.4, 0.75))
    movers = random_movers(rng, rich, LEFT + 0.2, RIGHT - 0.2)
    cover = random_cover(rng, rich, scene["floor"])
    count = round(segments[-1][1] * RATE)
    clock = np.arange(count) / RATE
    steady = dict(camera, jitter=0.0)
    offsets, zooms = views(rng, steady, clock)
    offsets = offsets + smooth(rng.normal(0, 1, (count, 2)), 5) * camera["jitter"]
    tables = tone_tables(rng, camera, clock)
    sigma = min(camera["noise"], 4.0) * 0.5
    for index, (start, end, action, _) in enumerate(segments):
        frames = np.arange(round(start * RATE), round(end * RATE))
        pose = segment_pose(segments, index, clock[frames] - start)
        joints = None if pose is None else body_joints(scene, body, pose)
        for k, frame in enumerate(frames):
            image = render(scene, camera, (WIDTH * OVERSIZE, HEIGHT * OVERSIZE), (offsets[frame], zooms[frame]), body, pose,
                           movers, cover, clock[frame], k, joints)
            if camera["blur"]:
                image = cv2.GaussianBlur(image, (0, 0), 2 * camera["blur"])
            image = fade(cv2.resize(image, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA), camera["saturation"])
            image = cv2.LUT(image, tables[frame])
            image = with_noise(image, grain(rng, image.shape), sigma)
            yield image


def encode(frames, out, quality):
    """Pipes frames through ffmpeg into an H.264 file."""
    command = ["ffmpeg", "-loglevel", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{WIDTH}x{HEIGHT}", "-r", str(RATE),
               "-i", "-", "-c:v", "libx264", "-preset", "medium", "-crf", str(quality), "-pix_fmt", "yuv420p", "-g", str(2 * RATE),
               "-flags", "+cgop", "-threads", "2", "-fflags", "+bitexact", "-flags:v", "+bitexact", "-movflags", "+faststart", str(out)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE)
    for frame in frames:
        process.stdin.write(frame.tobytes())
    process.stdin.close()
    if process.wait() != 0:
        raise SystemExit("make_clip: ffmpeg failed")


def make_clip(seed, seconds, out, quiet=0.25, rich=0.35, quality=27):
    """Writes a clip and its timeline; returns the timeline."""
    out = Path(out)
    rng = np.random.default_rng([seed, 2026])
    segments = random_timeline(rng, round(seconds * RATE) / RATE, quiet)
    timeline = written_timeline(segments)
    encode(frames_of(rng, segments, rich), out, quality)
    lines = ",\n".join("  " + json.dumps(entry) for entry in timeline)
    out.with_suffix(".timeline.json").write_text(f"[\n{lines}\n]\n")
    return timeline


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--out", required=True, help="the video; the timeline goes beside it as NAME.timeline.json")
    parser.add_argument("--quiet", type=float, default=0.25, help="share of time in which nothing happens, 0...1; 1 is nothing else")
    parser.add_argument("--rich", type=float, default=0.35, help="how cluttered, shaky and noisy it may be, 0...1")
    parser.add_argument("--quality", type=int, default=27, help="x264's constant rate factor; higher is smaller")
    arguments = parser.parse_args()
    if not 0 <= arguments.quiet <= 1 or arguments.seconds < 1:
        parser.error("--quiet is 0...1 and --seconds at least 1")
    for entry in make_clip(arguments.seed, arguments.seconds, arguments.out, arguments.quiet, arguments.rich, arguments.quality):
        print(f'{entry["start"]:7.2f} {entry["end"]:7.2f}  {entry["label"]}')


if __name__ == "__main__":
    main()
