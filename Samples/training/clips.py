"""Training clips: windows of 8 small frames wholly inside one action, drawn at random.

Run as a script to write a contact sheet: `python clips.py sheet.png`.
"""

import argparse
import time

import numpy as np
import cv2

from actions import ACTIONS
from camera import body_joints, develop, grain, random_camera, render, tone_tables, views, with_noise
from drawing import random_body, random_cover, random_movers, random_scene
from figures import mix, move, random_duration, random_motion

FRAMES, SIZE = 8, 96
DRAWN = 192
#: Relative frequency of each class: more often those that are hard to distinguish, and the background, which a camera
#: shows most of the time.
WEIGHTS = np.array([{"waving a hand": 1.5, "clapping": 1.5, "standing still": 2.0, "an empty room": 1.7}.get(action, 1.0) for action in ACTIONS])
WEIGHTS /= WEIGHTS.sum()


def random_pose(rng, action):
    """Times of a window's frames, and the person's pose at each."""
    seconds = random_duration(rng, action)
    span = rng.uniform(1.6, 2.6)
    step = span / FRAMES
    motion = random_motion(rng, action, seconds, kind=str(rng.choice(["stay", "stay", "enter", "leave"])))
    last = seconds - step * (FRAMES - 1)
    start = rng.uniform(0, last)
    if motion["path"] is not None and rng.random() < 0.5:
        start = rng.choice([0.0, last])
    times = start + step * np.arange(FRAMES)
    pose = move(action, times, motion)
    if motion["path"] is not None:
        inside = (pose["x"] > 0.02) & (pose["x"] < 0.98)
        if inside.sum() < 5:
            return random_pose(rng, action)
    if action == "standing still" and rng.random() < 0.4:
        before = move(action, times, random_motion(rng, action, seconds, x=motion["x"]))
        pose = mix(before, pose, ease((times - rng.uniform(times[0] - 0.5, times[-1])) / rng.uniform(0.5, 1.2)))
    elif rng.random() < 0.3 and start < 0.45 and action not in ("lying on the floor", "standing up"):
        other = str(rng.choice(["standing still", "waving a hand", "clapping", "jumping", "kicking", "punching", "squatting"]))
        before = move(other, times + rng.uniform(3, 6), random_motion(rng, other, 9.0, x=motion["x"]))
        if motion["path"] is not None:
            before["x"] = pose["x"]
        pose = mix(before, pose, ease(times / 0.45))
    return times, pose


def ease(u):
    u = np.clip(u, 0, 1)
    return u * u * (3 - 2 * u)


def random_clip(rng, rich=1.0, kind=None):
    """Draws a window: frames [8, 96, 96, 3] and the index of its action."""
    kind = int(rng.choice(len(ACTIONS), p=WEIGHTS)) if kind is None else kind
    action = ACTIONS[kind]
    rich = rich * rng.uniform(0.3, 1.0)
    scene = random_scene(rng, rich, DRAWN, -0.2, 1.2)
    camera = random_camera(rng, rich)
    movers = random_movers(rng, rich)
    cover = random_cover(rng, rich, scene["floor"])
    if action == "an empty room":
        times, pose, body, joints = np.arange(FRAMES) * rng.uniform(0.2, 0.325), None, None, None
    else:
        times, pose = random_pose(rng, action)
        body = random_body(rng, rich, scene)
        joints = body_joints(scene, body, pose)
    offsets, zooms = views(rng, camera, times)
    tables = tone_tables(rng, camera, times)
    mirrored = rng.random() < 0.5
    out = np.empty((FRAMES, SIZE, SIZE, 3), np.uint8)
    for i in range(FRAMES):
        image = render(scene, camera, (DRAWN, DRAWN), (offsets[i], zooms[i]), body, pose, movers, cover, times[i], i, joints)
        out[i] = develop(camera, image, tables[i], SIZE)
    if camera["noise"] > 1.5:
        out = with_noise(out, grain(rng, out.shape), camera["noise"] * 0.6)
    if mirrored:
        out = out[:, :, ::-1]
    return np.ascontiguousarray(out), kind


def random_batch(rng, count, rich):
    """Clips [count, 8, 96, 96, 3] and their classes."""
    drawn = [random_clip(rng, rich) for _ in range(count)]
    return np.stack([clip for clip, _ in drawn]), np.array([kind for _, kind in drawn])


def main():
    parser = argparse.ArgumentParser(description="Writes a contact sheet of training clips, one row a class.")
    parser.add_argument("out")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rich", type=float, default=1.0, help="how rich the scenes are, 0...1")
    arguments = parser.parse_args()
    rng = np.random.default_rng(arguments.seed)
    begin = time.time()
    rows = [np.concatenate(list(random_clip(rng, arguments.rich, kind)[0]), 1) for kind in range(len(ACTIONS))]
    print(f"{(time.time() - begin) / len(ACTIONS) * 1000:.1f} ms a clip")
    cv2.imwrite(arguments.out, np.concatenate(rows)[..., ::-1])


if __name__ == "__main__":
    main()
