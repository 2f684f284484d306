"""Make the expected values of Tests/XCLIPTests from the reference implementation (Hugging Face transformers).

    python Tests/Oracle/model.py            # all
    python Tests/Oracle/model.py tiny       # one of: tiny, other, full

`tiny` and `other` are whole model directories with every intermediate value; `full` is the size of
microsoft/xclip-base-patch32 with synthetic weights, of which only results are kept.
"""
import json
import pathlib
import sys

import numpy as np
import torch
from safetensors.numpy import save_file
from transformers import XCLIPConfig, XCLIPModel

import synthetic

FIXTURES = pathlib.Path(__file__).resolve().parents[1] / "XCLIPTests" / "Fixtures"
MEAN, DEVIATION = np.float32([0.485, 0.456, 0.406]), np.float32([0.229, 0.224, 0.225])
VIDEOS = 2

# Nothing here has the size of a published model, and no two sizes of one model are equal by chance.
TINY = dict(
    text_config=dict(
        vocab_size=64, hidden_size=20, intermediate_size=44, num_hidden_layers=2, num_attention_heads=2,
        max_position_embeddings=12),
    vision_config=dict(
        hidden_size=32, intermediate_size=72, num_hidden_layers=3, num_attention_heads=4, image_size=32, patch_size=16,
        num_frames=8, mit_hidden_size=24, mit_intermediate_size=56, mit_num_hidden_layers=1,
        mit_num_attention_heads=6),
    projection_dim=24, prompt_layers=2, prompt_num_attention_heads=3)

# Everything another: frames, patches, depth, heads, activations, epsilon.
OTHER = dict(
    text_config=dict(
        vocab_size=40, hidden_size=28, intermediate_size=36, num_hidden_layers=3, num_attention_heads=7,
        max_position_embeddings=9, hidden_act="gelu", layer_norm_eps=1e-6),
    vision_config=dict(
        hidden_size=24, intermediate_size=60, num_hidden_layers=2, num_attention_heads=3, image_size=24, patch_size=8,
        num_frames=16, mit_hidden_size=16, mit_intermediate_size=20, mit_num_hidden_layers=2,
        mit_num_attention_heads=2, hidden_act="gelu", layer_norm_eps=1e-4),
    projection_dim=16, prompt_layers=3, prompt_num_attention_heads=4, prompt_hidden_act="gelu")


def texts(config):
    """Ten texts' token ids, of many lengths: a start token, generated ids, the end token, which is the highest."""
    vocabulary, positions = config.text_config.vocab_size, config.text_config.max_position_embeddings
    made = []
    for index in range(10):
        length = [1, 2, 3, positions - 2, 4, 2, 5, 1, 6, 3][index] % (positions - 1)
        ids = synthetic.bits(f"text.{index}", length) % np.uint64(vocabulary - 2)
        made.append([vocabulary - 2, *(int(id) for id in ids), vocabulary - 1])
    return made


def make_model(config, seed):
    config._attn_implementation = "eager"
    model = XCLIPModel(config).eval()
    state = {name: synthetic.tensor(name, tuple(t.shape), seed) for name, t in model.state_dict().items()
             if not name.endswith("position_ids")}
    missing, extra = model.load_state_dict({k: torch.from_numpy(v) for k, v in state.items()}, strict=False)
    assert not extra and all(name.endswith("position_ids") for name in missing), (missing, extra)
    return model, state


def pixel_values(rgb):
    """The reference processor's float32 arithmetic: [frames, H, W, 3] bytes to [1, frames, 3, H, W]."""
    scaled = (rgb.astype(np.float32) * np.float32(1 / 255) - MEAN) / DEVIATION
    return torch.from_numpy(scaled.transpose(0, 3, 1, 2).copy())[None]


def padded(tokens, filler):
    width = max(len(ids) for ids in tokens)
    ids = torch.tensor([ids + [filler] * (width - len(ids)) for ids in tokens])
    mask = torch.tensor([[1] * len(ids) + [0] * (width - len(ids)) for ids in tokens])
    return ids, mask


def run(model, index, tokens):
    """Everything that the model computes for one video, by the names that the Swift tests use."""
    config, found = model.config, {}
    vision = config.vision_config
    frames = vision.num_frames
    patches = (vision.image_size // vision.patch_size) ** 2 + 1
    rgb = synthetic.video(index, frames, vision.image_size)
    ids, mask = padded(tokens, filler=0)
    lengths = [len(text) for text in tokens]

    def keep(name, rows=lambda t: t):
        def hook(module, inputs, output):
            found[name] = rows(output[0] if isinstance(output, tuple) else output).detach().clone()
        return hook

    def ragged(t):
        return torch.cat([t[i, :length] for i, length in enumerate(lengths)])

    handles = [model.vision_model.pre_layernorm.register_forward_hook(keep("vision.embeddings", lambda t: t.flatten(0, 1)))]
    for i, layer in enumerate(model.vision_model.encoder.layers):
        handles += [
            layer.message_fc.register_forward_hook(keep(f"fc{i}")),
            layer.message_attn.register_forward_hook(keep(f"attn{i}", lambda t: t[0])),
            layer.register_forward_hook(keep(f"vision.layers.{i}", lambda t: t.flatten(0, 1)))]
    handles += [
        model.vision_model.post_layernorm.register_forward_hook(keep("vision.pooled")),
        model.visual_projection.register_forward_hook(keep("vision.projected")),
        model.prompts_generator.layernorm.register_forward_pre_hook(
            lambda m, inputs: found.__setitem__("prompts.visual", inputs[0][0].clone())),
        model.text_model.embeddings.register_forward_hook(keep("text.embeddings", ragged)),
        model.text_projection.register_forward_hook(keep("text.features"))]
    handles += [layer.register_forward_hook(keep(f"text.layers.{i}", ragged))
                for i, layer in enumerate(model.text_model.encoder.layers)]
    handles += [layer.register_forward_hook(keep(f"prompts.layers.{i}", lambda t: t[0]))
                for i, layer in enumerate(model.prompts_generator.decoder)]
    with torch.no_grad():
        output = model(input_ids=ids, attention_mask=mask, pixel_values=pixel_values(rgb))
    for handle in handles:
        handle.remove()
    for i in range(len(model.vision_model.encoder.layers)):
        found[f"vision.layers.{i}.messages"] = found.pop(f"fc{i}") + found.pop(f"attn{i}")
    assert found["vision.embeddings"].shape[0] == frames * patches
    found["text.pooled"] = output.text_model_output.pooler_output
    found["mit.last_hidden_state"] = output.mit_output.last_hidden_state[0]
    found["mit.pooled"] = output.mit_output.pooler_output
    found["video_embeds"], found["text_embeds"] = output.video_embeds, output.text_embeds[0]
    found["logits_per_video"] = output.logits_per_video[0]
    return {name: value.numpy() for name, value in found.items()}


def check_padding(model, tokens):
    """What stands after the end token, and whether a mask hides it, makes no difference to the reference."""
    with torch.no_grad():
        results = []
        for filler in (0, max(map(max, tokens))):
            ids, mask = padded(tokens, filler)
            for m in (mask, None):
                results.append(model.get_text_features(input_ids=ids, attention_mask=m).pooler_output)
    worst = max(float((r - results[0]).abs().max()) for r in results)
    assert worst < 1e-5, worst
    print(f"  padding and attention mask change text features by at most {worst:.1e}")


def report(name, kept):
    logits = kept["0.logits_per_video"]
    print(f"  {name}: logits {np.round(logits, 2)}, spread {logits.max() - logits.min():.2f}")
    for key in ("vision.layers.0", "text.layers.0"):
        if f"0.{key}" in kept:
            print(f"  {key}: deviation {kept[f'0.{key}'].std():.2f}")


def checkpoint(name, sizes, seed):
    directory = FIXTURES / name
    directory.mkdir(parents=True, exist_ok=True)
    config = XCLIPConfig(**sizes)
    model, state = make_model(config, seed)
    (directory / "config.json").write_text(json.dumps({"model_type": "xclip", **sizes}, indent=2) + "\n")
    save_file(state, directory / "model.safetensors", metadata={"format": "pt"})
    tokens = texts(config)
    check_padding(model, tokens)
    kept = {f"{v}.{key}": value for v in range(VIDEOS) for key, value in run(model, v, tokens).items()}
    save_file(kept, directory / "expected.safetensors")
    (directory / "texts.json").write_text(json.dumps(tokens) + "\n")
    report(name, kept)


def full():
    FIXTURES.mkdir(parents=True, exist_ok=True)
    config = XCLIPConfig()
    model, _ = make_model(config, seed=0)
    tokens = texts(config)
    wanted = ("vision.projected", "video_embeds", "text.features", "text_embeds", "logits_per_video")
    kept = {}
    for v in range(VIDEOS):
        found = run(model, v, tokens)
        kept |= {f"{v}.{key}": found[key] for key in wanted if v == 0 or key != "text.features"}
        for i in (0, 5, 11):
            x = found[f"vision.layers.{i}"]
            print(f"  video {v}, vision layer {i}: deviation {x.std():.2f}, largest {abs(x).max():.1f}")
    directory = FIXTURES / "full"
    directory.mkdir(exist_ok=True)
    save_file(kept, directory / "expected.safetensors")
    (directory / "texts.json").write_text(json.dumps(tokens) + "\n")
    report("full", kept)


def main():
    made = {"tiny": lambda: checkpoint("tiny", TINY, 1), "other": lambda: checkpoint("other", OTHER, 2), "full": full}
    for name in sys.argv[1:] or made:
        print(name)
        made[name]()


if __name__ == "__main__":
    main()
