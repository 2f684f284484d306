import GerundCore
import GerundEngine
import GerundTesting
import XCLIP

extension RecognitionModel {
    /// Computes the exact logits of windows one by one, without the engine.
    ///
    /// - Parameters:
    ///   - windows: The frames of each window, oldest first.
    ///   - texts: The labels, followed by the background phrases.
    /// - Returns: The logits of each window in the order of the texts.
    /// - Throws: The error of the weights.
    func referenceLogits(of windows: [[SyntheticFrame]], texts: [String]) throws -> [[Float]] {
        var encoder = self.model.makeTextEncoder(texts.map(self.tokenizer.encode))
        while try encoder.step() {}
        let workspace = ModelWorkspace(self.model)
        let (size, byteCount) = (self.inputFormat.cropSize, self.inputFormat.byteCount)
        return windows.map { frames in
            let states = frames.map { frame in
                let rgb = (0..<byteCount).map { frame.value(at: $0, width: size.width, height: size.height) }
                let state = self.model.makeFrameState(cachesLayers: false)
                self.model.stagePatches(
                    fromRGB: rgb.span, normalization: self.normalization, at: 0, count: 1, in: workspace)
                self.model.embedFrames([state], in: workspace)
                return state
            }
            let videos = self.model.encodeVideos([states], refresh: .all, in: workspace)
            return self.model.logitsPerVideo(videos, encoder.features, in: workspace)[0]
        }
    }
}
