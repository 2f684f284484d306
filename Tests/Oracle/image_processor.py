"""Makes the fixture of ImageProcessorTests: the results of transformers' VideoMAEImageProcessor for synthetic images.

    pip install "torch==2.13.0+cpu" transformers pillow numpy
    python Tests/Oracle/image_processor.py

The processor's Pillow backend is the reference: it is the published checkpoints' own preprocessing, where torchvision
rounds a little differently. The images come from a formula that ImageProcessorTests repeats, so that only results are
stored: of all bytes of a result a hash (FNV-1a, 64 bits), of bytes and normalized values every 499th.
"""

import json
import pathlib

import numpy as np
import PIL.Image
import transformers
from transformers.models.videomae.image_processing_pil_videomae import VideoMAEImageProcessorPil

FILE = pathlib.Path(__file__).parent.parent / "XCLIPTests/Fixtures/image-processor/expected.json"
STRIDE = 499

# The published checkpoints' mean and deviation; the class's own defaults are 0.5.
PUBLISHED = {"image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]}
BICUBIC = 3
CASES = [
    # (width, height, settings)
    *((width, height, PUBLISHED) for width, height in [
        (1920, 1080), (333, 517), (100, 80), (224, 224), (640, 360), (360, 640), (225, 223), (223, 225), (448, 448),
        (1, 1), (3, 2), (1, 40), (2000, 3), (1279, 719), (224, 300), (301, 224),
    ]),
    *((width, height, {"resample": BICUBIC}) for width, height in [(333, 517), (100, 80), (640, 360), (2, 2)]),
    *((width, height, {"size": {"shortest_edge": 96}, "crop_size": {"height": 96, "width": 96}})
      for width, height in [(640, 360), (97, 131), (33, 50)]),
    (640, 361, {"size": {"shortest_edge": 256}, "crop_size": {"height": 224, "width": 200}}),
    (301, 200, {"size": {"height": 120, "width": 90}, "do_center_crop": False}),
    (301, 200, {"size": {"height": 121, "width": 90}, "crop_size": {"height": 60, "width": 71}}),
    (333, 517, {}),
    (333, 517, {"do_rescale": False}),
    (333, 517, {"do_normalize": False}),
    (333, 517, {"image_mean": [0.5, 0.25, 0.125], "image_std": [0.5, 0.75, 2.0], "rescale_factor": 1 / 128}),
]  # fmt: skip


def synthetic_image(width, height):
    """[height, width, 3]: gradients that wrap, for hard edges, with noise of a quarter of the range on them."""
    y, x, c = np.ogrid[:height, :width, :3]
    x, y, c = x.astype(np.uint32), y.astype(np.uint32), c.astype(np.uint32)
    noise = x * np.uint32(73856093) ^ y * np.uint32(19349663) ^ c * np.uint32(83492791)
    noise = (noise ^ noise >> np.uint32(13)) * np.uint32(1274126177)
    noise = noise ^ noise >> np.uint32(16)
    gradient = x * np.uint32(3) + y * (c + np.uint32(1)) * np.uint32(2)
    return ((gradient // np.uint32(4) + (noise & np.uint32(63))) & np.uint32(255)).astype(np.uint8)


def fnv1a(data):
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return f"{value:016x}"


def main():
    cases = []
    for width, height, settings in CASES:
        pixels = synthetic_image(width, height)
        image = PIL.Image.fromarray(pixels)  # an array of few pixels would be taken for [3, H, W]
        plain = VideoMAEImageProcessorPil(**settings | {"do_rescale": False, "do_normalize": False})
        image_bytes = np.asarray(plain([[image]])["pixel_values"][0][0])
        assert image_bytes.dtype == np.uint8
        image_bytes = image_bytes.transpose(1, 2, 0)
        values = np.asarray(VideoMAEImageProcessorPil(**settings)([[image]])["pixel_values"][0][0], dtype=np.float32)
        assert values.shape == (3, *image_bytes.shape[:2])
        cases.append({
            "width": width,
            "height": height,
            "settings": json.dumps(settings),
            "shape": image_bytes.shape,
            "input": fnv1a(pixels[:8].tobytes()),
            "hash": fnv1a(image_bytes.tobytes()),
            "bytes": image_bytes.ravel()[::STRIDE].tolist(),
            "values": [float(f"{value:.7g}") for value in values.ravel()[::STRIDE]],
        })  # fmt: skip
    expected = {"transformers": transformers.__version__, "pillow": PIL.__version__, "stride": STRIDE, "cases": cases}
    text = json.dumps(expected, separators=(",", ":")).replace('{"width"', '\n{"width"')
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(text + "\n")
    print(f"{len(cases)} images -> {FILE}, {len(text)} bytes")


if __name__ == "__main__":
    main()
