"""Training streams: a few seconds of camera video across the transition from one action to the next.

Where a window of `clips.py` shows one action alone, these are cut out of the same timelines as whole clips, quiet
stretches and passages between actions included, and are long enough to be recognized frame by frame.
Run as a script to write a contact sheet: `python streams.py sheet.png`.
"""

import argparse

import numpy as np
import cv2

from actions import ACTIONS, BACKGROUND
from camera import body_joints, develop, grain, random_camera, render, tone_tables, views, with_noise
from clips import DRAWN, SIZE
from drawing import random_body, random_color, random_cover, random_movers, random_scene
from make_clip import EMPTY, quiet_timeline, random_timeline, segment_pose

#: Frames of a stream: a window of 8 and what came before it.
LENGTH = 12
#: Relative frequency of segments by their action: more often actions that are hard to distinguish.
WEIGHTS = {"punching": 2.2, "kicking": 1.8, "waving a hand": 3.0, "clapping": 3.0, "lying on the floor": 1.6, "walking": 1.4, "running": 1.5}
#: The fraction of streams without an action, and the fraction of those that are empty rooms.
QUIET, NOBODY = 0.4, 0.25
#: A walker counts as there while its middle is so far inside the square that the model sees.
INSIDE = 0.02


def random_stretch(rng, step):
    """A timeline and the time at which the stream's first frame is taken."""
    length = step * (LENGTH - 1)
    if rng.random() < QUIET:
        segments = quiet_timeline(rng, 24.0, EMPTY if rng.random() < NOBODY else "standing still")
    else:
        segments = random_timeline(rng, 48.0, rng.choice([0.25, 0.5]))
    for _, _, action, motion in segments:
        # A clip's arms mostly hang, and mostly calmly; a stream shows every posture as often, and more unrest, since
        # what is rare looks like an action.
        if action == "standing still":
            motion["rest"] = str(rng.choice(["down", "hips", "behind"]))
            motion["fidget"] = rng.random() ** 0.5
    seconds = segments[-1][1]
    weights = np.array([WEIGHTS.get(action, 0.5 if action in BACKGROUND else 1.0) for _, _, action, _ in segments])
    start, end, action, _ = segments[rng.choice(len(segments), p=weights / weights.sum())]
    # The last window's middle lies in the chosen stretch or shortly after it began: more often there where somebody
    # stands, since what looks like an action is how one comes to stand differently.
    inside = 0.3 if action == "standing still" else 0.7
    middle = rng.uniform(start, end) if rng.random() < inside else start + rng.uniform(-0.3, 1.2)
    return segments, float(np.clip(middle - length + 3.5 * step, 0, seconds - length - 0.05))


def litter(rng, scene):
    """Draws long low objects on the floor of a scene, which must not be mistaken for a lying person."""
    canvas = scene["canvas"]
    for _ in range(rng.integers(1, 4)):
        x, w, h = rng.uniform(-0.1, 0.9), rng.uniform(0.08, 0.5), rng.uniform(0.03, 0.16)
        y, color, kind = scene["floor"] + rng.uniform(-0.12, 0.04), random_color(rng, 10, 235), rng.integers(0, 3)
        if kind == 0:
            canvas.rectangle(x, y - h, x + w, y, color)
            canvas.rectangle(x, y - h, x + w * rng.random(), y - h * rng.random(), random_color(rng, 10, 235))
        elif kind == 1:
            canvas.ellipse(x + w / 2, y - h / 2, w / 2, h / 2, color)
        else:
            canvas.line(x, y, x + w, y - h * rng.random(), 0.02 + 0.06 * rng.random(), color)


def poses(segments, times):
    """Poses, joined over segments, and the class of each moment; no pose in an empty room."""
    parts, kinds = [], np.full(len(times), ACTIONS.index(EMPTY))
    for index, (start, end, action, _) in enumerate(segments):
        chosen = np.flatnonzero((times >= start) & (times < end))
        if not len(chosen):
            continue
        kinds[chosen] = ACTIONS.index(action)
        # Asked for from the segment's first moment on, so that the passage from the one before is led over.
        pose = segment_pose(segments, index, np.concatenate([[0.0], times[chosen] - start]))
        if pose is not None:
            parts.append((chosen, {name: value[1:] for name, value in pose.items()}))
    return parts, kinds


def random_stream(rng, rich=1.0):
    """Draws a stream: frames [LENGTH, 96, 96, 3] and the class of each."""
    rich = rich * rng.uniform(0.3, 1.0)
    step = 0.25 if rng.random() < 0.6 else rng.uniform(0.21, 0.31)
    scene = random_scene(rng, rich, DRAWN, -0.2, 1.2)
    camera = random_camera(rng, rich)
    if rng.random() < 0.5:
        camera["saturation"] = min(camera["saturation"], rng.uniform(0.4, 0.75))
    if rng.random() < 0.25:
        # Light that flickers, which is no movement.
        camera["flicker"] = rng.uniform(0.02, 0.09)
    cover = random_cover(rng, rich, scene["floor"])
    body = random_body(rng, rich, scene)
    segments, first = random_stretch(rng, step)
    nobody = all(action == EMPTY for _, _, action, _ in segments)
    # More of them than in a clip, and most where nobody is there: they must not be taken for somebody.
    movers = [mover for _ in range(3 if nobody else 2) for mover in random_movers(rng, 1.0 if nobody else max(rich, 0.4))]
    if rng.random() < (0.6 if nobody else 0.2):
        litter(rng, scene)
    times = first + step * np.arange(LENGTH)
    parts, kinds = poses(segments, times)
    figures = [None] * LENGTH
    for chosen, pose in parts:
        joints = body_joints(scene, body, pose)
        for place, frame in enumerate(chosen):
            figures[frame] = (joints, {"yaw": pose["yaw"]}, place)
            if not -INSIDE < pose["x"][place] < 1 + INSIDE:
                kinds[frame] = ACTIONS.index(EMPTY)
    offsets, zooms = views(rng, camera, times)
    tables = tone_tables(rng, camera, times)
    out = np.empty((LENGTH, SIZE, SIZE, 3), np.uint8)
    for i, time in enumerate(times):
        joints, pose, place = figures[i] or (None, None, 0)
        image = render(scene, camera, (DRAWN, DRAWN), (offsets[i], zooms[i]), body, pose, movers, cover, time, place, joints)
        out[i] = develop(camera, image, tables[i], SIZE)
    if camera["noise"] > 1.5:
        out = with_noise(out, grain(rng, out.shape), camera["noise"] * rng.uniform(0.15, 0.6))
    return out, kinds


def random_streams(rng, count, rich):
    """Streams [count, LENGTH, 96, 96, 3] and their frames' classes [count, LENGTH]."""
    drawn = [random_stream(rng, rich) for _ in range(count)]
    return np.stack([frames for frames, _ in drawn]), np.stack([kinds for _, kinds in drawn])


def main():
    parser = argparse.ArgumentParser(description="Writes a contact sheet of training streams, one a row.")
    parser.add_argument("out")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rich", type=float, default=0.6, help="how rich the scenes are, 0...1")
    arguments = parser.parse_args()
    rng = np.random.default_rng(arguments.seed)
    rows = []
    for _ in range(14):
        frames, kinds = random_stream(rng, arguments.rich)
        rows.append(np.concatenate(list(frames), 1))
        print(", ".join(ACTIONS[kind] for kind in kinds))
    cv2.imwrite(arguments.out, np.concatenate(rows)[..., ::-1])


if __name__ == "__main__":
    main()
