public import GerundTensor
import Glibc

/// The X-CLIP model: scores texts against a short video (Ni et al., "Expanding Language-Image Pretrained Models for
/// General Video Recognition", arXiv:2208.02816; HF: `XCLIPModel`).
///
/// All functions are pure functions of the weights and their arguments; they block the calling thread until they are
/// done, and any thread may call them.
///
///     let frames = images.map { image in model.embedFrame(rgb: image.span, normalization: .imageNet) }
///     let video = model.encodeVideo(frames)                              // once per window
///     let texts = try model.encodeText(labels.map(tokenizer.encode))     // once per set of labels
///     let logits = model.logitsPerVideo(video, texts)                    // one per label
///
/// For streams, ``embedFrames(_:in:)``, ``encodeVideos(_:refresh:in:)`` and ``logitsPerVideo(_:_:in:)`` do the same in
/// a reusable ``ModelWorkspace``, for several sources at once, and, if the frames' states cache their layers, only in
/// part.
///
/// T = frames of a window, P = tokens per frame, N = P - 1 patches, L = texts, M = `projectionSize`.
public struct XCLIPModel: Sendable {
    /// The sizes of the model.
    public let configuration: XCLIPConfiguration
    let visionTransformer: VisionTransformer
    private let textModel: TextModel
    let promptGenerator: PromptGenerator
    private let mit: MultiframeIntegrationTransformer
    private let visualProjection: Linear
    private let promptsVisualLayerNorm: LayerNorm
    private let promptsVisualProjection: Linear
    /// The factor of cosine similarities in logits (HF: `logit_scale.exp()`).
    private let logitScale: Float
    /// `1 / T` for each column of a token, `[1, D]`.
    private let meanWeight: Matrix
    private let kernels: Kernels

    /// The maximum number of texts that are prompted together; bounds the memory, whatever the number of texts.
    private static let textBatchSize = 512

    /// Loads a model.
    ///
    /// Copies all weights except those of the text encoder, for which it keeps `weights`.
    ///
    /// - Parameters:
    ///   - weights: The tensors of the checkpoint, by name.
    ///   - configuration: The sizes of the model.
    ///   - backend: The kernels, threads and matrix multiplication of the model.
    /// - Throws: `WeightError` for the first tensor that is missing or of another shape or type.
    public init(
        weights: some WeightSource, configuration: XCLIPConfiguration, backend: ComputeBackend = ComputeBackend()
    ) throws(WeightError) {
        let (vision, size) = (configuration.vision, configuration.projectionSize)
        let root = ParameterScope(weights, backend: backend)
        self.configuration = configuration
        self.kernels = backend.kernels
        let visionTransformer = try VisionTransformer(root.scoped("vision_model"), vision)
        self.textModel = try TextModel(root, configuration)
        self.mit = try MultiframeIntegrationTransformer(root.scoped("mit"), vision)
        self.visionTransformer = visionTransformer.prefetching(self.mit.layers.first)
        self.promptGenerator = try PromptGenerator(root.scoped("prompts_generator"), configuration)
        self.visualProjection = try Linear(
            root.scoped("visual_projection"), inputFeatures: vision.encoder.hiddenSize, outputFeatures: size,
            bias: false)
        self.promptsVisualLayerNorm = try LayerNorm(
            root.scoped("prompts_visual_layernorm"), size: vision.encoder.hiddenSize,
            epsilon: vision.encoder.layerNormEpsilon)
        // The only projection that the checkpoint stores as [inputs, outputs].
        let projection = try root.matrix(
            "prompts_visual_projection", shape: [vision.encoder.hiddenSize, size], rows: vision.encoder.hiddenSize)
        self.promptsVisualProjection = Linear(weights: projection.transposed(), bias: nil, backend: backend)
        let share = [Float](repeating: 1 / Float(vision.frameCount), count: vision.encoder.hiddenSize)
        self.meanWeight = Matrix(rows: 1, columns: vision.encoder.hiddenSize, elements: share)
        self.logitScale = Float(exp(Double(try root.scalar("logit_scale"))))
    }

    /// Computes the part of the encoding that depends on one frame alone.
    ///
    /// - Parameters:
    ///   - rgb: The image, `[imageSize, imageSize, 3]`.
    ///   - normalization: The conversion of bytes to numbers.
    /// - Returns: The frame's state, for ``encodeVideo(_:)``.
    public func embedFrame(rgb: Span<UInt8>, normalization: PixelNormalization) -> FrameState {
        let (workspace, state) = (ModelWorkspace(self), self.makeFrameState(cachesLayers: false))
        self.stagePatches(fromRGB: rgb, normalization: normalization, at: 0, count: 1, in: workspace)
        self.embedFrames([state], in: workspace)
        return state
    }

    /// Computes the part of the encoding that depends on one frame alone, from values that are already normalized.
    ///
    /// - Parameter pixelValues: The image, `[3, imageSize, imageSize]` (HF: `pixel_values`).
    /// - Returns: The frame's state, for ``encodeVideo(_:)``.
    public func embedFrame(pixelValues: Span<Float>) -> FrameState {
        let (edge, patch) = (self.configuration.vision.imageSize, self.configuration.vision.patchSize)
        let (workspace, state) = (ModelWorkspace(self), self.makeFrameState(cachesLayers: false))
        let patches = workspace.patches(of: 1)
        self.kernels.extractPatches(
            planes: pixelValues, height: edge, width: edge, patch: patch, into: patches.stagingRows(0..<patches.rows))
        patches.convert(0..<patches.rows)
        self.embedFrames([state], in: workspace)
        return state
    }

    /// Encodes one window exactly.
    ///
    /// - Parameter frames: The states of the window's frames, oldest first; T of them, as
    ///   ``XCLIPConfiguration/Vision/frameCount`` says.
    /// - Returns: The features of the window.
    public func encodeVideo(_ frames: [FrameState]) -> VideoFeatures {
        self.encodeVideos([frames], refresh: .all, in: ModelWorkspace(self))[0]
    }

    /// Allocates the state of a frame, to be reused for one frame after another.
    ///
    /// - Parameter cachesLayers: Whether later windows can refresh a part of the frame's tokens. `false` needs a
    ///   fraction of the memory and allows exact windows only. Layers are cached in the element type of the model's
    ///   matrix multiplications: float32 or bfloat16.
    /// - Returns: A state that contains no frame yet.
    public func makeFrameState(cachesLayers: Bool) -> FrameState {
        FrameState(self.configuration, cachesLayers: cachesLayers, elementType: self.visionTransformer.keyValueType)
    }

    /// Cuts an image into the patches that the next ``embedFrames(_:in:)`` embeds.
    ///
    /// - Parameters:
    ///   - rgb: The image, `[imageSize, imageSize, 3]`.
    ///   - normalization: The conversion of bytes to numbers.
    ///   - index: The index of the image among those that are embedded together.
    ///   - count: The number of images that are embedded together; the same for all of them.
    ///   - workspace: The memory that receives the patches. Must not be used concurrently.
    public func stagePatches(
        fromRGB rgb: Span<UInt8>, normalization: PixelNormalization, at index: Int, count: Int,
        in workspace: ModelWorkspace
    ) {
        let vision = self.configuration.vision
        let patches = workspace.patches(of: count)
        let (edge, own) = (vision.imageSize, index * vision.patchCount..<(index + 1) * vision.patchCount)
        let table = normalization.lookupTable()
        self.kernels.extractPatches(
            rgb: rgb, height: edge, width: edge, patch: vision.patchSize, normalizationTable: table.span,
            into: patches.stagingRows(own))
        patches.convert(own)
    }

    /// Embeds frames of any number of sources together.
    ///
    /// - Parameters:
    ///   - states: The states to write to, one per staged image, in the images' order. Their previous content is lost.
    ///   - workspace: The memory that contains the staged patches. Must not be used concurrently.
    public func embedFrames(_ states: [FrameState], in workspace: ModelWorkspace) {
        self.embedFrames(states, in: workspace, trace: nil)
    }

    /// Embeds frames and reports intermediate values.
    ///
    /// - Parameters:
    ///   - states: The states to write to, one per staged image.
    ///   - workspace: The memory that contains the staged patches.
    ///   - trace: Receives intermediate values.
    package func embedFrames(_ states: [FrameState], in workspace: ModelWorkspace, trace: XCLIPTrace?) {
        self.visionTransformer.embed(states, in: workspace, trace: trace)
    }

    /// Encodes windows of any number of sources together, exactly or with a part of the tokens of older frames.
    ///
    /// A frame that caches its layers and was part of an earlier window is recomputed as far as `refresh` defines; all
    /// other frames are recomputed completely.
    ///
    /// - Parameters:
    ///   - windows: The states of each window's frames, oldest first; T of them. A frame can occur several times in one
    ///     window, but not in two windows.
    ///   - refresh: The tokens of older frames to recompute.
    ///   - workspace: The scratch memory. Must not be used concurrently.
    /// - Returns: The features of each window.
    public func encodeVideos(
        _ windows: [[FrameState]], refresh: RefreshPolicy, in workspace: ModelWorkspace
    ) -> [VideoFeatures] {
        self.encodeVideos(windows, refresh: refresh, in: workspace, trace: nil)
    }

    /// Encodes windows and reports intermediate values.
    ///
    /// - Parameters:
    ///   - windows: The states of each window's frames, oldest first.
    ///   - refresh: The tokens of older frames to recompute.
    ///   - workspace: The scratch memory.
    ///   - trace: Receives intermediate values.
    /// - Returns: The features of each window.
    package func encodeVideos(
        _ windows: [[FrameState]], refresh: RefreshPolicy, in workspace: ModelWorkspace, trace: XCLIPTrace?
    ) -> [VideoFeatures] {
        let vision = self.configuration.vision
        for window in windows {
            precondition(
                window.count == vision.frameCount,
                "a window must have \(vision.frameCount) frames, found \(window.count)")
        }
        let plan = RefreshPlan(windows, refresh: refresh, tokens: vision.tokenCount)
        self.visionTransformer.encode(plan, in: workspace, trace: trace)
        self.storeFrameFeatures(plan, in: workspace, trace: trace)
        return self.videoFeatures(windows, in: workspace, trace: trace)
    }

    /// Stores in each frame's state what windows need of it after the last layer: its class features and patch
    /// features.
    private func storeFrameFeatures(_ plan: RefreshPlan, in workspace: ModelWorkspace, trace: XCLIPTrace?) {
        guard plan.tokenCount > 0 else { return }
        let frames = 0..<plan.frames.count
        let windowScratch = workspace.windowScratch(windows: plan.windows.count)
        let (pooled, projected) = (windowScratch.pooled, windowScratch.projected)
        self.visionTransformer.pool(plan, in: workspace, into: pooled)
        trace?("vision.pooled", pooled.floatRows(frames))
        self.visualProjection.apply(to: pooled, rows: frames, into: projected.mutableView.rows(frames))
        trace?("vision.projected", projected.view.rows(frames))
        let scratch = workspace.visionScratch(tokens: plan.tokenCount, frames: plan.frames.count)
        let rows = 0..<plan.tokenCount
        self.promptsVisualLayerNorm.apply(
            to: scratch.x.view.rows(rows), into: scratch.layer.queries.mutableView.rows(rows))
        for (number, frame) in plan.frames.enumerated() {
            frame.state.classFeatures.copy(from: projected.view.rows(number..<number + 1))
            frame.scatter(scratch.layer.queries, into: frame.state.patchFeatures, using: self.kernels)
        }
    }

    /// Computes the features of all windows together, so that the weights are read once.
    private func videoFeatures(
        _ windows: [[FrameState]], in workspace: ModelWorkspace, trace: XCLIPTrace?
    ) -> [VideoFeatures] {
        guard !windows.isEmpty else { return [] }
        let scratch = workspace.windowScratch(windows: windows.count)
        let (length, patches) = (self.configuration.vision.frameCount, self.configuration.vision.patchCount)
        var frames = MatrixBuffer(rows: windows.count * length, columns: self.configuration.projectionSize)
        for (row, state) in windows.joined().enumerated() {
            let classFeatures = state.classFeatures
            frames.mutableView.rows(row..<row + 1).copy(from: classFeatures.view)
        }
        let frameFeatures = Matrix(frames)
        var videos = self.mit.apply(
            to: frameFeatures.view, in: scratch.mit, buffer: &workspace.results.mit, trace: trace)
        trace?("mit.pooled", videos.view)
        self.kernels.l2Normalize(videos.mutableView)
        let video = Matrix(videos)
        self.averagePatches(windows, into: scratch)
        let (visual, rows) = (scratch.visual, 0..<windows.count * patches)
        trace?("prompts.visual", visual.view.rows(rows))
        let contexts = self.promptGenerator.makeContexts(
            visual.view.rows(rows), normed: scratch.normed, into: &workspace.results.contexts)
        return contexts.enumerated().map { number, context in
            VideoFeatures(
                classFeatures: frameFeatures.selectingRows(Array(number * length..<(number + 1) * length)),
                videoRow: video.selectingRows([number]), prompts: context)
        }
    }

    /// Allocates scratch memory for the steps after the vision encoder, for a number of windows.
    func makeScratch(windows: Int) -> WindowScratch {
        let vision = self.configuration.vision
        let (frames, patches) = (windows * vision.frameCount, windows * vision.patchCount)
        return WindowScratch(
            windows: windows, pooled: self.visualProjection.makeInput(rows: frames),
            projected: ScratchMatrix(rows: frames, columns: self.configuration.projectionSize),
            mit: self.mit.makeWorkspace(windows: windows),
            means: self.promptsVisualProjection.makeInput(rows: patches),
            visual: ScratchMatrix(rows: patches, columns: self.configuration.projectionSize),
            normed: self.promptGenerator.makeInput(rows: patches))
    }

    /// Encodes texts.
    ///
    /// Keep the result for as long as the texts are needed.
    ///
    /// - Parameter tokenIDs: The token ids of each text, with the end-of-text token; ids that
    ///   ``XCLIPConfiguration/Text/accepts(_:)``. Ids after the end-of-text token are ignored.
    /// - Returns: One row per text.
    /// - Throws: `WeightError` if the weights of the text encoder, which are read on demand, can no longer be read.
    public func encodeText(_ tokenIDs: [[Int32]]) throws(WeightError) -> TextFeatures {
        try self.encodeText(tokenIDs, trace: nil)
    }

    /// Encodes texts and reports intermediate values.
    ///
    /// - Parameters:
    ///   - tokenIDs: The token ids of each text.
    ///   - trace: Receives intermediate values.
    /// - Returns: One row per text.
    /// - Throws: `WeightError` if the weights can no longer be read.
    package func encodeText(_ tokenIDs: [[Int32]], trace: XCLIPTrace?) throws(WeightError) -> TextFeatures {
        var encoder = self.makeTextEncoder(tokenIDs, trace: trace)
        while try encoder.step() {}
        return encoder.features
    }

    /// Creates an encoder that encodes texts in steps, between which the caller can do something else.
    ///
    /// - Parameter tokenIDs: The token ids of each text; see ``encodeText(_:)``.
    /// - Returns: An encoder that has done no step yet.
    public func makeTextEncoder(_ tokenIDs: [[Int32]]) -> IncrementalTextEncoder {
        self.makeTextEncoder(tokenIDs, trace: nil)
    }

    private func makeTextEncoder(_ tokenIDs: [[Int32]], trace: XCLIPTrace?) -> IncrementalTextEncoder {
        IncrementalTextEncoder(
            tokenIDs, model: self.textModel, projectionSize: self.configuration.projectionSize, trace: trace)
    }

    /// Returns the logits of texts for one window (HF: `logits_per_video`).
    ///
    /// A text's logit doesn't depend on the other texts. Logits are comparable within a window only.
    ///
    /// - Parameters:
    ///   - video: The features of the window.
    ///   - text: The features of the texts.
    /// - Returns: L logits, in the order of the texts.
    public func logitsPerVideo(_ video: VideoFeatures, _ text: TextFeatures) -> [Float] {
        self.logitsPerVideo([video], text, in: ModelWorkspace(self))[0]
    }

    /// Returns the logits of texts for several windows; cheaper than one call per window.
    ///
    /// - Parameters:
    ///   - videos: The features of the windows.
    ///   - text: The features of the texts.
    ///   - workspace: The scratch memory. Must not be used concurrently.
    /// - Returns: For each window, the logits of all texts.
    public func logitsPerVideo(
        _ videos: [VideoFeatures], _ text: TextFeatures, in workspace: ModelWorkspace
    ) -> [[Float]] {
        guard !videos.isEmpty else { return [] }
        var logits = [[Float]](repeating: [], count: videos.count)
        let step = max(1, Self.textBatchSize / max(1, videos.count))
        for first in stride(from: 0, to: text.count, by: step) {
            let texts = first..<min(first + step, text.count)
            let prompted = self.textEmbeds(videos, text.matrix.view.rows(texts), in: workspace)
            for (number, video) in videos.enumerated() {
                var part = MatrixBuffer(rows: texts.count, columns: 1)
                let own = number * texts.count..<(number + 1) * texts.count
                self.kernels.dotProducts(
                    prompted.view.rows(own), video.videoRow.view, scale: self.logitScale, into: part.mutableView)
                logits[number] += part.view.elements
            }
        }
        return logits
    }

    /// Returns the texts conditioned on a video, `[L, M]`, each with a Euclidean norm of 1 (HF: `text_embeds`).
    ///
    /// - Parameters:
    ///   - video: The features of the window.
    ///   - text: The features of the texts.
    ///   - trace: Receives intermediate values.
    /// - Returns: One row per text.
    package func textEmbeds(_ video: VideoFeatures, _ text: TextFeatures, trace: XCLIPTrace? = nil) -> Matrix {
        Matrix(self.textEmbeds([video], text.matrix.view, in: ModelWorkspace(self), trace: trace))
    }

    /// Returns the texts conditioned on each video, those of one video after the other, `[videos * L, M]`.
    private func textEmbeds(
        _ videos: [VideoFeatures], _ text: MatrixView, in workspace: ModelWorkspace, trace: XCLIPTrace? = nil
    ) -> MatrixBuffer {
        var prompted = self.promptGenerator.applyPrompts(
            to: text, contexts: videos.map(\.prompts), in: workspace, trace: trace)
        self.kernels.l2Normalize(prompted.mutableView)
        return prompted
    }

    /// Averages each patch position over the frames of each window and projects the means into the joint embedding
    /// space.
    ///
    /// Writes to the first rows of the scratch matrix `visual`, `[windows * N, M]`. The projection is linear, so the
    /// mean is taken before it: one frame's worth of multiplications instead of T.
    private func averagePatches(_ windows: [[FrameState]], into scratch: WindowScratch) {
        let patches = 1..<self.configuration.vision.tokenCount
        let (rows, means, average) = (0..<windows.count * patches.count, scratch.means, scratch.visual)
        means.stagingRows(rows).clear()
        for (number, window) in windows.enumerated() {
            let own = number * patches.count..<(number + 1) * patches.count
            for state in window {
                let patchFeatures = state.patchFeatures
                self.kernels.add(
                    patchFeatures.view.rows(patches), scaledBy: self.meanWeight.view, to: means.stagingRows(own))
            }
        }
        means.convert(rows)
        self.promptsVisualProjection.apply(to: means, rows: rows, into: average.mutableView.rows(rows))
    }
}
