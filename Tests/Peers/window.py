#!/usr/bin/env python3
"""One X-CLIP window on another engine, prepared once and timed on request.

The work is what a recognizer does for each window, the same for every engine: preprocessed frames
[8, 3, 224, 224] and the text features of L labels [L, 512] in, L logits out (vision encoder, multi-frame
integration, video-specific prompts, logits). The text encoder is omitted: its output is constant while the
labels are. The weights are random in the sizes of microsoft/xclip-base-patch32: the time of a dense model
does not depend on them.

    window.py prepare DIRECTORY LABELS...           writes what the engines load; quick when it is there already
    window.py serve DIRECTORY ENGINE LABELS THREADS
        loads, warms up and prints "ready"; then, for each line "N" read, times N windows and prints their
        milliseconds as a JSON list
"""
import json
import os
import sys
import time

ENGINES = ("torch-f32", "torch-bf16", "ort-f32", "ort-int8", "openvino-f32", "openvino-bf16")


def make_window():
    """The reference implementation without its text encoder: (pixels, text features) -> logits."""
    import torch
    from transformers import XCLIPConfig, XCLIPModel

    class Window(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.model = XCLIPModel(XCLIPConfig())
            self.frames = self.model.config.vision_config.num_frames

        def forward(self, pixels, text):
            m = self.model
            hidden, pooled = m.vision_model(pixel_values=pixels)[:2]
            video = m.mit(m.visual_projection(pooled).view(1, self.frames, -1))[1]
            patches = m.prompts_visual_layernorm(hidden[:, 1:, :]) @ m.prompts_visual_projection
            patches = patches.view(1, self.frames, -1, video.shape[-1]).mean(dim=1)
            text = text.unsqueeze(0)
            text = text + m.prompts_generator(text, patches)
            video = video / video.norm(dim=-1, keepdim=True)
            text = text / text.norm(dim=-1, keepdim=True)
            return torch.einsum("bd,bkd->bk", video, m.logit_scale.exp() * text)

    torch.manual_seed(0)
    return Window().eval()


def inputs(labels):
    import torch

    torch.manual_seed(1)
    return torch.randn(8, 3, 224, 224), torch.randn(labels, 512)


def exported(directory, labels, suffix=""):
    return os.path.join(directory, f"window-{labels}{suffix}.onnx")


def prepare(directory, label_counts):
    os.makedirs(directory, exist_ok=True)
    for labels in label_counts:
        path = exported(directory, labels)
        # The marker is written last: an interrupted preparation starts again.
        if not os.path.exists(path + ".done"):
            import torch

            print(f"exporting a window with {labels} labels", file=sys.stderr, flush=True)
            torch.onnx.export(make_window(), inputs(labels), path, input_names=["pixels", "text"],
                              output_names=["logits"], opset_version=18, dynamo=True, verbose=False)
            open(path + ".done", "w").close()
        quantized = exported(directory, labels, "-int8")
        if not os.path.exists(quantized + ".done"):
            from onnxruntime.quantization import QuantType, quantize_dynamic

            print(f"quantizing a window with {labels} labels", file=sys.stderr, flush=True)
            quantize_dynamic(path, quantized, weight_type=QuantType.QInt8)
            open(quantized + ".done", "w").close()


def load(directory, engine, labels, threads):
    """Returns a function that computes one window."""
    pixels, text = inputs(labels)
    library, precision = engine.split("-")
    if library == "torch":
        import torch

        torch.set_num_threads(threads)
        window = make_window()
        if precision == "bf16":
            window, pixels, text = window.to(torch.bfloat16), pixels.bfloat16(), text.bfloat16()

        def run():
            with torch.inference_mode():
                window(pixels, text)

        return run
    feed = {"pixels": pixels.numpy(), "text": text.numpy()}
    if library == "ort":
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        path = exported(directory, labels, "-int8" if precision == "int8" else "")
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        return lambda: session.run(None, feed)
    import openvino

    compiled = openvino.Core().compile_model(exported(directory, labels), "CPU", {
        "INFERENCE_PRECISION_HINT": precision, "PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": threads})
    request = compiled.create_infer_request()
    return lambda: request.infer(feed)


def serve(directory, engine, labels, threads):
    run = load(directory, engine, labels, threads)
    for _ in range(2):
        run()
    print("ready", flush=True)
    for line in sys.stdin:
        run()  # caches that another contender has emptied
        times = []
        for _ in range(int(line)):
            start = time.perf_counter()
            run()
            times.append((time.perf_counter() - start) * 1000)
        print(json.dumps(times), flush=True)


if __name__ == "__main__":
    if len(sys.argv) >= 4 and sys.argv[1] == "prepare":
        prepare(sys.argv[2], [int(count) for count in sys.argv[3:]])
    elif len(sys.argv) == 6 and sys.argv[1] == "serve" and sys.argv[3] in ENGINES:
        serve(sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))
    else:
        sys.exit(__doc__)
