"""An articulated human figure: how it moves in each action, and how it is drawn.

A pose is a dictionary of arrays, one value per frame. Angles are in radians. A limb's direction is given by `f`
(forward: 0 hangs down, pi/2 points ahead, pi up) and `a` (away from the body: pi/2 sideways, pi up). Lengths are
in body heights, places in frame heights: the square that the model sees is 0...1 in both directions.
"""

import numpy as np
import cv2

from actions import ONE_SHOT

LIMBS = {"la": ("arm", 1), "ra": ("arm", -1), "ll": ("leg", 1), "rl": ("leg", -1)}
LENGTHS = {"arm": (0.165, 0.165), "leg": (0.25, 0.255)}
SHOULDER, HIP, TORSO, HEAD = 0.1, 0.055, 0.3, 0.068
PI = np.pi

NAMES = ["pitch", "roll", "lean", "bend", "lift", "x", "yaw"] + [
    f"{limb}{part}{axis}" for limb in LIMBS for part in "12" for axis in "fa"
]


def neutral(n, motion):
    """A standing person with the arms of `motion` at rest."""
    pose = {name: np.zeros(n) for name in NAMES}
    pose["x"] += motion["x"]
    pose["yaw"] += motion["yaw"]
    for limb, (kind, _) in LIMBS.items():
        pose[limb + "1a"] += 0.16 if kind == "arm" else 0.05
        pose[limb + "2a"] += 0.1 if kind == "arm" else 0.04
        pose[limb + "2f"] += 0.15 if kind == "arm" else 0.0
    return pose


def set_limb(pose, limb, f1, a1, f2, a2):
    """Sets the directions of both segments of a limb."""
    for name, value in zip(("1f", "1a", "2f", "2a"), (f1, a1, f2, a2)):
        pose[limb + name] = value + np.zeros_like(pose["x"])


def set_path(pose, t, motion):
    """Places a walker along the way points of `motion`, facing where it goes."""
    times, places = motion["path"]
    pose["x"] = np.interp(t, times, places)
    ahead, behind = np.interp(t + 0.15, times, places), np.interp(t - 0.15, times, places)
    heading = np.clip((ahead - behind) / (0.3 * motion["speed"]), -1, 1)
    pose["yaw"] = heading * motion["side_yaw"]


def key_poses(motion):
    """Postures on the way between standing, sitting and lying."""
    spread = motion["spread"]
    crouch = dict(lean=0.75, arm=(0.5, 0.2, 0.2, 0.15), leg=(1.9, 0.15, -0.75, 0.1))
    seat = dict(lean=-0.1, arm=(-0.3, 0.3, -0.2, 0.2), leg=(2.3, 0.12, -0.25, 0.08))
    stretched = dict(lean=-0.25, arm=(-0.55, 0.3, -0.45, 0.25), leg=(1.62, 0.12, 1.48, 0.1))
    on_all_fours = dict(pitch=1.4, lean=0.0, arm=(1.5, 0.1, 1.5, 0.1), leg=(1.5, 0.1, 0.0, 0.1))
    stand = dict(arm=(0.0, 0.16, 0.15, 0.1), leg=(0.0, 0.05, 0.0, 0.04))
    lying = dict(
        pitch=motion["lie_pitch"], roll=motion["lie_roll"],
        arm=(0.1, 0.3 + spread, 0.2, 0.3 + spread), leg=(0.1, 0.1 + 0.3 * spread, 0.0, 0.1 + 0.2 * spread),
    )
    return dict(stand=stand, crouch=crouch, seat=seat, stretched=stretched, on_all_fours=on_all_fours, lying=lying)


def through(pose, u, keys, at):
    """Leads a pose through key poses, which it reaches at the times `at` of the progress `u`."""
    for name in ("pitch", "roll", "lean"):
        pose[name] = np.interp(u, at, [key.get(name, 0.0) for key in keys])
    for limb, (kind, _) in LIMBS.items():
        for index, name in enumerate(("1f", "1a", "2f", "2a")):
            pose[limb + name] = np.interp(u, at, [key[kind][index] for key in keys])


def move(action, t, motion):
    """The pose at times `t` (seconds since the action began) of an action done in the manner of `motion`."""
    pose = neutral(len(t), motion)
    w = 2 * PI * motion["rate"] * t + motion["phase"]
    s, c = np.sin(w), np.cos(w)
    up, down = np.maximum(0, s), np.maximum(0, -s)
    half = 0.5 - 0.5 * c
    size = motion["size"]
    one, other = ("la", "ra") if motion["left"] else ("ra", "la")
    u = np.clip(t / motion["duration"], 0, 1)

    if action == "standing still":
        stand_still(pose, t, motion, one, other)
    elif action in ("walking", "running"):
        set_path(pose, t, motion)
        run = action == "running"
        swing = (0.95 if run else 0.5) * size
        knee = 1.7 if run else 0.75
        for leg, arm, sign in (("ll", "ra", 1), ("rl", "la", -1)):
            thigh = sign * swing * s + (0.25 if run else 0.0)
            bend = (0.35 if run else 0.08) + knee * np.maximum(0, sign * np.cos(w + 0.25)) * size
            set_limb(pose, leg, thigh, 0.04, thigh - bend, 0.03)
            forward = sign * (0.9 if run else 0.45) * size * s
            set_limb(pose, arm, forward, 0.15, forward + (1.55 if run else 0.25), 0.1)
        pose["lean"] += 0.24 if run else 0.03
        pose["lift"] += 0.05 * np.abs(s) if run else 0.0
    elif action == "jumping":
        pose["lift"] = 0.24 * size * up
        for leg in ("ll", "rl"):
            set_limb(pose, leg, 0.75 * down + 0.1 * up, 0.06, -0.75 * down - 0.35 * up, 0.05)
        for arm in ("la", "ra"):
            set_limb(pose, arm, 1.7 * up * size - 0.5 * down, 0.25, 1.9 * up * size - 0.2 * down, 0.2)
        pose["lean"] = 0.4 * down
    elif action == "doing jumping jacks":
        for arm in ("la", "ra"):
            set_limb(pose, arm, 0.0, 0.2 + 2.5 * half * size, 0.1, 0.25 + 2.65 * half * size)
        for leg in ("ll", "rl"):
            set_limb(pose, leg, 0.0, 0.04 + 0.4 * half * size, 0.0, 0.04 + 0.38 * half * size)
        pose["lift"] = 0.05 * np.abs(np.sin(w)) * size
    elif action == "waving a hand":
        stand_still(pose, t, motion, one, other)
        height = motion["height"]
        set_limb(pose, one, 0.2, 1.6 + 0.6 * height, 0.2, 2.6 + 0.25 * height + 0.7 * size * s)
    elif action == "clapping":
        q = half
        for arm in ("la", "ra"):
            set_limb(pose, arm, 0.55 + 0.4 * motion["height"], 0.25 - 0.2 * q, 1.6 + 0.5 * motion["height"], 0.75 * size - (0.75 * size + 0.5) * q)
    elif action == "squatting":
        q = half * (0.75 + 0.25 * size)
        for leg in ("ll", "rl"):
            set_limb(pose, leg, 1.75 * q, 0.12, -0.75 * q, 0.08)
        for arm in ("la", "ra"):
            set_limb(pose, arm, 1.45 * q, 0.12, 0.1 + 1.45 * q, 0.08)
        pose["lean"] = 0.55 * q
    elif action == "punching":
        for arm, q in (("la", up), ("ra", down)):
            q = np.sqrt(q)
            set_limb(pose, arm, 0.35 + 1.2 * q, 0.2 - 0.15 * q, 2.3 - 0.75 * q, -0.1)
        set_limb(pose, "ll", 0.3, 0.08, 0.05, 0.06)
        set_limb(pose, "rl", -0.2, 0.08, -0.4, 0.06)
        pose["lean"] = 0.12 + 0.05 * np.abs(s)
        pose["yaw"] = pose["yaw"] + 0.25 * s
    elif action == "kicking":
        q = np.sqrt(up)
        legs = ("ll", "rl") if motion["left"] else ("rl", "ll")
        set_limb(pose, legs[0], 1.65 * q * size - 0.15, 0.06, 1.6 * q * size - 0.35 * (1 - q), 0.05)
        set_limb(pose, legs[1], -0.08 * q, 0.05, -0.12, 0.04)
        for arm in ("la", "ra"):
            set_limb(pose, arm, 0.45, 0.3 + 0.3 * q, 1.7, 0.1)
        pose["lean"] = -0.3 * q
    elif action == "sitting down":
        keys = key_poses(motion)
        through(pose, u, [keys[k] for k in ("stand", "crouch", "seat", "stretched")], [0, 0.42, 0.7, 1])
    elif action == "standing up":
        keys = key_poses(motion)
        if motion["from_lying"] and motion["lie_pitch"] > 0:
            through(pose, u, [keys[k] for k in ("lying", "on_all_fours", "crouch", "stand")], [0, 0.32, 0.62, 1])
        elif motion["from_lying"]:
            through(pose, u, [keys[k] for k in ("lying", "stretched", "seat", "crouch", "stand")], [0, 0.35, 0.52, 0.72, 1])
        else:
            through(pose, u, [keys[k] for k in ("stretched", "seat", "crouch", "stand")], [0, 0.3, 0.58, 1])
    elif action == "lying on the floor":
        keys = key_poses(motion)
        through(pose, u, [keys["lying"]], [0])
        slow = np.sin(0.25 * w)
        pose["la2a"] += 0.12 * slow * motion["fidget"]
        pose["ll1f"] += motion["knee"] + 0.08 * slow * motion["fidget"]
        pose["ll2f"] -= motion["knee"]
    elif action == "falling down":
        fall(pose, t, u, motion)
    return pose


def stand_still(pose, t, motion, one, other):
    """Stands and breathes; the arms hang, rest on the hips, or are held behind the back."""
    slow = np.sin(2 * PI * 0.3 * motion["rate"] * t + motion["phase"]) * motion["fidget"]
    pose["bend"] = 0.05 * slow
    pose["yaw"] = pose["yaw"] + 0.2 * slow
    pose["x"] = pose["x"] + 0.006 * slow
    rest = motion["rest"]
    if rest == "hips":
        for arm in (one, other):
            set_limb(pose, arm, -0.2, 0.75, 0.3, -0.75)
    elif rest == "behind":
        for arm in (one, other):
            set_limb(pose, arm, -0.35, 0.2, -0.3, -0.5)
    pose[one + "2f"] = pose[one + "2f"] + 0.1 * slow


def fall(pose, t, u, motion):
    """Staggers, tips over and comes to rest: something moves all the while."""
    stagger = np.clip(1 - u / 0.45, 0, 1) ** 0.5
    q = np.clip((u - 0.28) / 0.36, 0, 1) ** 1.6
    settle = np.clip((u - 0.64) / 0.36, 0, 1)
    bounce = np.sin(PI * np.clip(settle * 2.2, 0, 1)) * 0.16 * (settle > 0)
    wobble = np.sin(2 * PI * 1.1 * t + motion["phase"])
    pose["pitch"] = motion["lie_pitch"] * (q - bounce) + 0.14 * wobble * stagger
    pose["roll"] = motion["lie_roll"] * (q - bounce) + 0.16 * wobble * stagger
    spread = motion["spread"]
    flail = 0.9 * np.sin(PI * np.clip(u / 0.75, 0, 1))
    for arm, sign in (("la", 1), ("ra", -1)):
        away = 0.3 + spread * settle + flail * (1 + 0.5 * sign * wobble)
        set_limb(pose, arm, 0.3 * flail * sign, away, 0.2 + 0.5 * flail, away + 0.2 * sign * wobble * (1 - settle))
    buckle = np.sin(PI * np.clip((u - 0.2) / 0.6, 0, 1))
    for leg, sign in (("ll", 1), ("rl", -1)):
        kick = 0.35 * sign * wobble * (1 - settle)
        set_limb(pose, leg, 0.5 * buckle + kick, 0.1 + 0.3 * spread * settle, -0.5 * buckle + kick * 0.5, 0.1)


def random_path(rng, start, speed, seconds, kind):
    """Waypoints of a walk of the given duration that enters, leaves or stays, and its true speed."""
    outside = -0.52 if rng.random() < 0.5 else 1.52
    here = outside if kind == "enter" else start
    low, high = rng.uniform(0.2, 0.38), rng.uniform(0.62, 0.8)
    right = here < 0.5 if kind == "enter" or abs(here - 0.5) > 0.2 else rng.random() < 0.5
    end = rng.uniform(0.4, 0.6)
    best = None
    for legs in range(1, 9):
        places, ahead = [here], right
        for leg in range(legs):
            if kind == "leave" and leg == legs - 1:
                places.append(1.52 if ahead else -0.52)
            else:
                places.append(high if ahead else low)
            ahead = not ahead
        if kind != "leave":
            places[-1] = end
        steps = np.abs(np.diff(places))
        actual = steps.sum() / seconds
        if best is None or abs(np.log(actual / speed)) < abs(np.log(best[2] / speed)):
            best = (np.concatenate([[0], np.cumsum(steps)]) / actual, np.array(places), actual)
    return best


def random_motion(rng, action, seconds, x=None, kind="stay", lie=None, from_lying=None):
    """The random parameters of an action of the given duration at position `x`."""
    rates = {"walking": (0.7, 1.0), "running": (1.15, 1.65), "jumping": (0.7, 1.15), "doing jumping jacks": (0.65, 1.2),
             "waving a hand": (0.8, 1.5), "clapping": (0.8, 1.5), "squatting": (0.5, 0.8), "punching": (0.7, 1.3),
             "kicking": (0.6, 1.0)}
    motion = dict(
        rate=rng.uniform(*rates.get(action, (0.7, 1.2))), phase=rng.uniform(0, 2 * PI), size=rng.uniform(0.85, 1.1),
        left=rng.random() < 0.5, x=rng.uniform(0.34, 0.66) if x is None else x, duration=seconds,
        height=rng.uniform(0, 1), spread=rng.uniform(0, 0.8), fidget=rng.uniform(0, 1), knee=rng.choice([0, 0, 0.5, 0.9]),
        rest=str(rng.choice(["down", "down", "down", "down", "behind", "hips"])), speed=1.0, path=None,
        from_lying=rng.random() < 0.5 if from_lying is None else from_lying,
    )
    if action == "waving a hand" and motion["rest"] in ("hips", "behind"):
        motion["rest"] = "down"
    if action in ("falling down", "lying on the floor", "standing up"):
        lie = lie or random_lie(rng)
        motion.update(lie)
        motion["knee"] *= motion["lie_pitch"] < 0
        motion["spread"] *= 0.25 if motion["lie_roll"] else 1.0
        if action == "standing up" and not motion["from_lying"]:
            motion["yaw"] = rng.choice([-1, 1]) * rng.uniform(0.5, 1.5)
    else:
        side = rng.choice([-1, 1])
        sideways = {"punching": (0.4, 1.4), "kicking": (0.4, 1.5), "sitting down": (0.5, 1.5),
                    "waving a hand": (0.0, 0.45), "clapping": (0.0, 0.5), "standing still": (0.0, 0.6)}.get(action, (0.0, 0.8))
        motion.update(lie_pitch=0.0, lie_roll=0.0, yaw=side * rng.uniform(*sideways))
    if action in ("walking", "running"):
        speed = rng.uniform(0.35, 0.65) if action == "walking" else rng.uniform(0.6, 1.0)
        times, places, motion["speed"] = random_path(rng, motion["x"], speed, seconds, kind)
        motion["path"] = (times, places)
        motion["side_yaw"] = rng.uniform(1.0, 1.57)
    return motion


def random_lie(rng):
    """A random final pose on the floor: on the back, the front or a side, across the image."""
    if rng.random() < 0.65:
        return dict(lie_pitch=rng.choice([-1, 1]) * rng.uniform(1.42, 1.57), lie_roll=0.0,
                    yaw=rng.choice([-1, 1]) * rng.uniform(1.0, 1.57))
    return dict(lie_pitch=0.0, lie_roll=rng.choice([-1, 1]) * rng.uniform(1.42, 1.57), yaw=rng.uniform(-0.5, 0.5))


def random_duration(rng, action):
    """The random duration of one segment of an action, in seconds."""
    return rng.uniform(3.0, 3.7) if action in ONE_SHOT else rng.uniform(3.5, 7.0)


def mix(before, after, weight):
    """A pose part of the way (0...1, per frame) from one to another."""
    return {name: before[name] + (after[name] - before[name]) * weight for name in NAMES}


def rotate(points, angle, i, j):
    """Turns points [frames, joints, 3] by an angle per frame in the plane of two axes."""
    c, s = np.cos(angle)[:, None], np.sin(angle)[:, None]
    a, b = points[..., i].copy(), points[..., j].copy()
    points[..., i], points[..., j] = a * c - b * s, a * s + b * c


JOINTS = ["pelvis", "neck", "head"] + [limb + part for limb in LIMBS for part in "012"]


def skeleton(pose, body, camera_pitch):
    """Positions of the joints in the image and their depths: [frames, joints, 3] in frame heights."""
    n = len(pose["x"])
    upper = np.zeros((n, len(JOINTS), 3))
    index = {name: i for i, name in enumerate(JOINTS)}
    upper[:, index["neck"], 1] = TORSO
    upper[:, index["head"], 1] = TORSO + 0.055 + HEAD
    for limb, (kind, side) in LIMBS.items():
        place = np.zeros((n, 3))
        place[:, 0] = side * (SHOULDER if kind == "arm" else HIP)
        place[:, 1] = TORSO - 0.015 if kind == "arm" else 0.0
        upper[:, index[limb + "0"]] = place
        for part, length in zip("12", LENGTHS[kind]):
            f, a = pose[f"{limb}{part}f"], pose[f"{limb}{part}a"]
            direction = np.stack([side * np.sin(a), -np.cos(a) * np.cos(f), np.cos(a) * np.sin(f)], 1)
            place = place + length * body.get(kind, 1.0) * direction
            upper[:, index[limb + part]] = place
    top = [i for name, i in index.items() if name in ("neck", "head") or name[1] == "a"]
    torso = upper[:, top]
    rotate(torso, pose["lean"], 1, 2)
    rotate(torso, pose["bend"], 0, 1)
    upper[:, top] = torso
    rotate(upper, pose["pitch"], 1, 2)
    rotate(upper, pose["roll"], 0, 1)
    thickness = np.array([0.05 if name in ("pelvis", "neck") or name.endswith("0") else HEAD if name == "head" else 0.025 for name in JOINTS])
    upper[..., 1] -= (upper[..., 1] - thickness).min(1)[:, None]
    upper[..., 1] += pose["lift"][:, None]
    rotate(upper, -pose["yaw"], 0, 2)
    upper *= body["height"]
    out = np.empty_like(upper)
    out[..., 0] = pose["x"][:, None] + upper[..., 0]
    out[..., 1] = body["floor"] - upper[..., 1] * np.cos(camera_pitch) + upper[..., 2] * np.sin(camera_pitch)
    out[..., 2] = upper[..., 2]
    return out
