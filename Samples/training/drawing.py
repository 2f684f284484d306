"""Drawing: a canvas in frame heights, people on it, and the scenes around them."""

import numpy as np
import cv2

from figures import JOINTS, LIMBS, HEAD

INDEX = {name: i for i, name in enumerate(JOINTS)}
cv2.setNumThreads(1)


class Canvas:
    """An image whose coordinates are frame heights; (left, top) is its upper left corner."""

    def __init__(self, image, scale, left=0.0, top=0.0):
        self.image, self.scale, self.left, self.top = image, scale, left, top

    def point(self, x, y):
        return int((x - self.left) * self.scale * 16), int((y - self.top) * self.scale * 16)

    def rectangle(self, x0, y0, x1, y1, color):
        a, b = self.point(x0, y0), self.point(x1, y1)
        corners = np.array([a, (b[0], a[1]), b, (a[0], b[1])], np.int32)
        cv2.fillConvexPoly(self.image, corners, color, cv2.LINE_AA, 4)

    def polygon(self, points, color):
        cv2.fillConvexPoly(self.image, np.array([self.point(x, y) for x, y in points], np.int32), color, cv2.LINE_AA, 4)

    def disc(self, x, y, radius, color):
        cv2.circle(self.image, self.point(x, y), max(8, int(radius * self.scale * 16)), color, -1, cv2.LINE_AA, 4)

    def ellipse(self, x, y, rx, ry, color):
        axes = (max(8, int(rx * self.scale * 16)), max(8, int(ry * self.scale * 16)))
        cv2.ellipse(self.image, self.point(x, y), axes, 0, 0, 360, color, -1, cv2.LINE_AA, 4)

    def line(self, x0, y0, x1, y1, width, color):
        """A line with round ends. OpenCV's widths are whole pixels."""
        cv2.line(self.image, self.point(x0, y0), self.point(x1, y1), color, max(1, round(width * self.scale)), cv2.LINE_AA, 4)


def shade(color, factor):
    return tuple(float(np.clip(c * factor, 0, 255)) for c in color)


def random_color(rng, low=15, high=240):
    return tuple(float(c) for c in rng.uniform(low, high, 3))


def clear_of(rng, others, low, high, distance):
    """A random color with a minimum distance from others."""
    for _ in range(20):
        color = random_color(rng, low, high)
        if all(np.linalg.norm(np.subtract(color, other)) > distance for other in others):
            break
    return color


def random_body(rng, rich, scene):
    """A random build and random clothes. `rich` 0 is dark clothes, 1 any color with some contrast."""
    high = 90 + 150 * rich
    behind = [scene["wall"], scene["ground"]]
    shirt = clear_of(rng, behind, 10, high, 55)
    trousers = clear_of(rng, behind, 10, high, 45)
    tone = rng.uniform(0.35, 1.0)
    return dict(
        height=rng.uniform(0.6, 0.74), floor=scene["floor"], arm=rng.uniform(0.94, 1.06), leg=rng.uniform(0.94, 1.06),
        width=rng.uniform(0.85, 1.25), shirt=shirt, trousers=trousers, skin=(235 * tone, 190 * tone, 160 * tone),
        hair=shade((90, 60, 40), rng.uniform(0.2, 2.2)), shoes=random_color(rng, 10, 120), sleeves=rng.random() < 0.6,
        shorts=rng.random() < 0.25, long_hair=rng.random() < 0.35,
    )


def draw_person(canvas, joints, body, yaw, shadow):
    """Draws one frame's skeleton [joints, 3]."""
    height, width = body["height"], body["width"]
    at = lambda name: joints[INDEX[name]]
    if shadow > 0:
        x0, x1 = joints[:, 0].min(), joints[:, 0].max()
        middle, half = (x0 + x1) / 2, (x1 - x0) / 2 + 0.03 * height
        canvas.ellipse(middle, body["floor"], half, 0.03 * height, shadow_color(canvas, middle, body["floor"], shadow))

    def limb(name):
        kind, _ = LIMBS[name]
        a, b, c = (at(name + part) for part in "012")
        far = 0.82 if (a[2] + b[2] + c[2]) / 3 < at("pelvis")[2] - 0.01 * height else 1.0
        if kind == "leg":
            cloth, thick, end = body["trousers"], 0.078, body["shoes"]
            lower = body["skin"] if body["shorts"] else cloth
        else:
            cloth, thick, end = body["shirt"], 0.06, body["skin"]
            lower = cloth if body["sleeves"] else body["skin"]
        canvas.line(a[0], a[1], b[0], b[1], thick * width * height, shade(cloth, far))
        canvas.line(b[0], b[1], c[0], c[1], 0.8 * thick * width * height, shade(lower, far))
        if kind == "leg":
            toe = np.sin(yaw) * 0.045 * height
            along = np.array([c[0] - b[0], c[1] - b[1]]) / (np.hypot(c[0] - b[0], c[1] - b[1]) + 1e-6)
            upright = abs(along[1])
            canvas.line(c[0], c[1], c[0] + toe * upright, c[1] + 0.012 * height * upright, 0.05 * height, shade(end, far))
        else:
            canvas.disc(c[0], c[1], 0.037 * height, shade(end, far))

    order = sorted(LIMBS, key=lambda name: at(name + "1")[2] + at(name + "2")[2])
    behind = at("pelvis")[2] + at("neck")[2]
    split = [name for name in order if at(name + "1")[2] + at(name + "2")[2] < behind]
    for name in split:
        limb(name)
    pelvis, neck, head = at("pelvis"), at("neck"), at("head")
    corners = np.array([at("la0")[:2], at("ra0")[:2], at("rl0")[:2], at("ll0")[:2]])
    canvas.line(neck[0], neck[1], head[0], head[1], 0.05 * height, shade(body["skin"], 0.9))
    canvas.line(pelvis[0], pelvis[1], neck[0], neck[1] + 0.02 * height, 0.13 * width * height, body["shirt"])
    canvas.polygon(cv2.convexHull(corners.astype(np.float32))[:, 0], body["shirt"])
    canvas.line(*corners[0], *corners[1], 0.07 * height, body["shirt"])
    canvas.line(*corners[2], *corners[3], 0.085 * width * height, body["trousers"])
    draw_head(canvas, neck, head, body, yaw)
    for name in order:
        if name not in split:
            limb(name)


def draw_head(canvas, neck, head, body, yaw):
    height = body["height"]
    up = np.array([head[0] - neck[0], head[1] - neck[1]])
    up /= np.hypot(*up) + 1e-6
    side = np.array([-up[1], up[0]])
    back = -np.sin(yaw) * 0.025 * height
    if body["long_hair"]:
        canvas.disc(head[0] + back * side[0] * 1.6 - up[0] * 0.03 * height, head[1] + back * side[1] * 1.6 - up[1] * 0.03 * height, HEAD * 0.95 * height, body["hair"])
    canvas.disc(head[0] + up[0] * 0.018 * height + back * side[0], head[1] + up[1] * 0.018 * height + back * side[1], HEAD * 1.06 * height, body["hair"])
    if np.cos(yaw) > -0.3:
        canvas.disc(head[0] - back * side[0] * 0.5 - up[0] * 0.012 * height, head[1] - back * side[1] * 0.5 - up[1] * 0.012 * height, HEAD * 0.92 * height, body["skin"])


def shadow_color(canvas, x, y, strength):
    px, py = canvas.point(x, y)
    h, w = canvas.image.shape[:2]
    return shade(canvas.image[min(max(py // 16, 0), h - 1), min(max(px // 16, 0), w - 1)], 1 - strength)


def random_scene(rng, rich, scale, left, right):
    """A still background, wider than the image so that the camera can move.

    `rich` 0 is a plain light wall, 1 a furnished room, a yard or a hall, lit unevenly. The image covers
    `left`...`right` and -0.14...1.14 in frame heights.
    """
    top, bottom = -0.14, 1.14
    width, height = round((right - left) * scale), round((bottom - top) * scale)
    low = 170 - 140 * rich
    wall, ground = random_color(rng, low, 240), random_color(rng, low, 225)
    floor = rng.uniform(0.8, 0.92)
    image = np.empty((height, width, 3), np.uint8)
    image[:] = np.array(wall, np.uint8)
    canvas = Canvas(image, scale, left, top)
    scene = dict(wall=wall, ground=ground, floor=floor, canvas=canvas, pitch=rng.uniform(0, 0.3) * (0.4 + 0.6 * rich),
                 shadow=rng.uniform(0, 0.45) * (rng.random() < 0.7))
    horizon = floor - rng.uniform(0.03, 0.16)
    if rng.random() < 0.25 + 0.65 * rich:
        canvas.rectangle(left - 1, horizon, right + 1, bottom + 1, ground)
        if rng.random() < 0.5:
            canvas.rectangle(left - 1, horizon - 0.018, right + 1, horizon, shade(wall, rng.choice([0.7, 1.25])))
        if rng.random() < 0.4 * rich:
            for k in range(-8, 9):
                canvas.line(0.5 + k * 0.13, horizon, 0.5 + k * 0.4, bottom + 0.2, 0.004, shade(ground, 0.85))
    for _ in range(rng.poisson(5.0 * rich * (right - left))):
        furnish(rng, canvas, horizon, left, right, wall, ground)
    if rng.random() < 0.6 * rich:
        coarse = rng.normal(0, 3 + 11 * rng.random(), (8, max(8, round(8 * width / height)), 3 if rng.random() < 0.3 else 1)).astype(np.float32)
        blobs = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
        image[:] = np.clip(image + (blobs if blobs.ndim == 3 else blobs[..., None]), 0, 255).astype(np.uint8)
    if rng.random() < 0.8 * rich:
        slope = rng.uniform(-0.35, 0.35, 2)
        light = 1 + slope[0] * np.linspace(-1, 1, width, dtype=np.float32)[None] + slope[1] * np.linspace(-1, 1, height, dtype=np.float32)[:, None]
        image[:] = np.clip(image * light[..., None], 0, 255).astype(np.uint8)
    return scene


def furnish(rng, canvas, horizon, left, right, wall, ground):
    """Draws one object into a scene: a painting, a window, a shelf, a box, a plant, a lamp, a column."""
    x = rng.uniform(left, right)
    kind = rng.integers(0, 8)
    color = random_color(rng, 20, 235)
    if kind == 0:
        w, h, y = rng.uniform(0.05, 0.2), rng.uniform(0.05, 0.18), rng.uniform(0.05, 0.4)
        canvas.rectangle(x - 0.012, y - 0.012, x + w + 0.012, y + h + 0.012, shade(color, 0.5))
        canvas.rectangle(x, y, x + w, y + h, color)
        canvas.disc(x + w * rng.random(), y + h * rng.random(), 0.02, random_color(rng))
    elif kind == 1:
        w, h, y = rng.uniform(0.15, 0.3), rng.uniform(0.2, 0.35), rng.uniform(0.0, 0.2)
        canvas.rectangle(x - 0.015, y - 0.015, x + w + 0.015, y + h + 0.015, shade(wall, 0.75))
        canvas.rectangle(x, y, x + w, y + h, (rng.uniform(150, 220), rng.uniform(190, 235), 245))
        canvas.line(x + w / 2, y, x + w / 2, y + h, 0.012, shade(wall, 0.75))
    elif kind == 2:
        w, h = rng.uniform(0.1, 0.25), rng.uniform(0.25, 0.55)
        canvas.rectangle(x, horizon - h, x + w, horizon + 0.03, color)
        for k in range(1, 4):
            canvas.line(x, horizon - h + k * h / 4, x + w, horizon - h + k * h / 4, 0.008, shade(color, 0.6))
    elif kind in (3, 4):
        w, h = rng.uniform(0.06, 0.28), rng.uniform(0.05, 0.22)
        y = horizon + rng.uniform(-0.02, 0.06)
        canvas.rectangle(x, y - h, x + w, y, color)
        canvas.rectangle(x, y - h, x + w, y - h * 0.75, shade(color, 1.2))
    elif kind == 5:
        y = horizon + rng.uniform(-0.02, 0.04)
        green = (rng.uniform(20, 90), rng.uniform(90, 170), rng.uniform(20, 90))
        for _ in range(5):
            canvas.line(x, y - 0.08, x + rng.uniform(-0.09, 0.09), y - rng.uniform(0.14, 0.34), 0.025, shade(green, rng.uniform(0.7, 1.2)))
        canvas.rectangle(x - 0.035, y - 0.09, x + 0.035, y, (150, 95, 70))
    elif kind == 6:
        y = rng.uniform(0.25, 0.5)
        canvas.line(x, y, x, horizon + 0.02, 0.01, shade(wall, 0.4))
        canvas.polygon([(x - 0.03, y - 0.08), (x + 0.03, y - 0.08), (x + 0.06, y), (x - 0.06, y)], (240, 225, 170))
    else:
        w = rng.uniform(0.03, 0.1)
        canvas.rectangle(x, -0.2, x + w, horizon, shade(wall, rng.choice([0.8, 1.15])))


def random_movers(rng, rich, left=0.0, right=1.0):
    """Moving objects without meaning: balls, flies, a robot vacuum, a swinging lamp, a flickering screen."""
    movers = []
    for _ in range(rng.integers(0, 3) if rng.random() < 0.5 * rich else 0):
        movers.append(dict(
            kind=str(rng.choice(["ball", "fly", "crawler", "lamp", "screen", "curtain"])), x=rng.uniform(left, right), y=rng.uniform(0.05, 0.6),
            size=rng.uniform(0.02, 0.07), speed=rng.choice([-1, 1]) * rng.uniform(0.05, 0.5), rate=rng.uniform(0.2, 1.4),
            phase=rng.uniform(0, 6.28), color=random_color(rng), left=left - 0.15, right=right + 0.15,
        ))
    return movers


def draw_mover(canvas, mover, t, floor):
    x, y, size, color = mover["x"], mover["y"], mover["size"], mover["color"]
    s = np.sin(2 * np.pi * mover["rate"] * t + mover["phase"])
    width = mover["right"] - mover["left"]
    across = mover["left"] + (x - mover["left"] + mover["speed"] * t) % width
    if mover["kind"] == "ball":
        canvas.disc(across, floor - size - 0.25 * abs(s), size, color)
    elif mover["kind"] == "fly":
        canvas.disc(x + 0.12 * s, y + 0.08 * np.sin(2.3 * mover["rate"] * t), size * 0.35, color)
    elif mover["kind"] == "crawler":
        canvas.ellipse(across, floor + 0.02, size * 1.4, size * 0.5, color)
    elif mover["kind"] == "lamp":
        canvas.line(x, -0.2, x + 0.05 * s, 0.12, 0.006, shade(color, 0.5))
        canvas.disc(x + 0.05 * s, 0.12, size * 0.8, color)
    elif mover["kind"] == "screen":
        canvas.rectangle(x, y, x + 3 * size, y + 2 * size, shade(color, 0.8 + 0.5 * s))
    else:
        canvas.polygon([(x, -0.2), (x + 2 * size, -0.2), (x + 2 * size + 0.03 * s, 0.55), (x + 0.03 * s, 0.55)], color)


def random_cover(rng, rich, floor):
    """A random occlusion in the foreground, or none: a list of rectangles with colors."""
    if rng.random() > 0.25 * rich:
        return []
    color = random_color(rng, 20, 200)
    if rng.random() < 0.5:
        x, w = rng.uniform(0, 1), rng.uniform(0.04, 0.16)
        return [(x, floor - rng.uniform(0.05, 0.2), x + w * 2, 1.2, color)]
    x, w = rng.uniform(0, 1), rng.uniform(0.02, 0.05)
    return [(x, -0.2, x + w, 1.2, color)]
