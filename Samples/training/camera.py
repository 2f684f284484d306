"""The camera: motion, light, noise, and the rendering of frames through it."""

import numpy as np
import cv2

from drawing import Canvas, draw_mover, draw_person
from figures import skeleton

NOISE = np.random.default_rng(1).standard_normal(1 << 21).astype(np.float32)


def random_camera(rng, rich):
    """Random shake, noise, brightness and flicker of a recording. `rich` 0 is steady and clean."""
    often = lambda p: rng.random() < p * rich
    return dict(
        jitter=rng.uniform(0, 0.008) * rich if often(0.6) else 0.0,
        sway=rng.uniform(0, 0.02) * rich if often(0.6) else 0.0,
        drift=rng.uniform(-0.012, 0.012, 2) * (1.0 if often(0.3) else 0.0), zoom=1 + rng.uniform(-0.06, 0.1) * rich,
        zoom_sway=rng.uniform(0, 0.025) if often(0.3) else 0.0, rate=rng.uniform(0.1, 0.8), phase=rng.uniform(0, 6.28, 3),
        gain=np.exp(rng.normal(0, 0.16 * rich)), gamma=np.exp(rng.normal(0, 0.16 * rich)),
        cast=np.exp(rng.normal(0, 0.05 * rich, 3)), flicker=rng.uniform(0, 0.08) if often(0.4) else 0.01 * rich,
        slow_light=rng.uniform(0, 0.25) if often(0.15) else 0.0, saturation=random_saturation(rng, rich), noise=rng.uniform(1, 9) * rich if often(0.8) else 1.0,
        blur=rng.uniform(0.4, 1.1) if often(0.4) else 0.0, quality=int(rng.integers(25, 80)) if often(0.35) else 0,
    )


def random_saturation(rng, rich):
    """A random color saturation: mostly full or partial, sometimes none."""
    kind = rng.random()
    return 0.0 if kind < 0.12 * rich else 1.0 if kind > 0.7 * rich else rng.uniform(0.3, 0.9)


def fade(image, saturation):
    """Desaturates an image; 1 keeps all color."""
    gray = np.array([0.299, 0.587, 0.114])
    return cv2.transform(image, np.eye(3) * saturation + (1 - saturation) * gray)


def views(rng, camera, times):
    """Offsets and zoom per frame."""
    sway = camera["sway"] * np.sin(2 * np.pi * camera["rate"] * times[:, None] * [1.0, 1.3] + camera["phase"][:2])
    drift = np.clip(camera["drift"] * times[:, None], -0.04, 0.04)
    offsets = sway + drift + rng.normal(0, 1, (len(times), 2)) * camera["jitter"]
    zooms = camera["zoom"] * (1 + camera["zoom_sway"] * np.sin(2 * np.pi * 0.7 * camera["rate"] * times + camera["phase"][2]))
    return np.clip(offsets, -0.09, 0.09), zooms


def tone_tables(rng, camera, times):
    """One look-up table [256, 1, 3] per frame for gain, flicker, gamma and color cast."""
    level = np.linspace(0, 1, 256)[:, None] ** camera["gamma"] * camera["cast"] * camera["gain"] * 255
    slow = 1 + camera["slow_light"] * np.sin(2 * np.pi * 0.4 * camera["rate"] * times + camera["phase"][1])
    factors = slow * (1 + rng.normal(0, 1, len(times)) * camera["flicker"])
    return [np.clip(level * factor, 0, 255).astype(np.uint8)[:, None] for factor in factors]


def render(scene, camera, size, view, body=None, pose=None, movers=(), cover=(), t=0.0, frame=0, joints=None):
    """One frame of `size` (width, height), before light and noise."""
    width, height = size
    offset, zoom = view
    scale = height * zoom
    left, top = 0.5 - width / height / 2 / zoom + offset[0], 0.5 - 0.5 / zoom + offset[1]
    source = scene["canvas"]
    ratio = scale / source.scale
    matrix = np.array([[ratio, 0, (source.left - left) * scale], [0, ratio, (source.top - top) * scale]])
    image = cv2.warpAffine(source.image, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    canvas = Canvas(image, scale, left, top)
    for mover in movers:
        draw_mover(canvas, mover, t, scene["floor"])
    if joints is not None:
        draw_person(canvas, joints[frame], body, pose["yaw"][frame], scene["shadow"])
    for x0, y0, x1, y1, color in cover:
        canvas.rectangle(x0, y0, x1, y1, color)
    return image


def body_joints(scene, body, pose):
    """The joints of every frame, for `render`."""
    return skeleton(pose, body, scene["pitch"])


def compress(image, quality):
    """Adds JPEG artifacts."""
    return cv2.imdecode(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_COLOR)


def develop(camera, image, table, size):
    """Applies color, focus, compression and light of a camera to a rendered frame; returns [size, size, 3]."""
    if camera["saturation"] < 1:
        image = fade(image, camera["saturation"])
    if camera["blur"]:
        image = cv2.GaussianBlur(image, (0, 0), camera["blur"])
    if camera["quality"]:
        image = compress(image, camera["quality"])
    return cv2.LUT(cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA), table)


def grain(rng, shape):
    """Noise with a standard deviation of 1, a random part of a longer precomputed sequence."""
    size = int(np.prod(shape))
    begin = rng.integers(0, len(NOISE) - size)
    return NOISE[begin:begin + size].reshape(shape)


def with_noise(image, noise, deviation):
    return np.clip(image + noise * np.float32(deviation), 0, 255).astype(np.uint8)
