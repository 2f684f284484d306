public import GerundTensor
import Glibc

/// X-CLIP: how well each of some texts describes a short video (HF: `XCLIPModel`; Ni et al., arXiv 2208.02816).
///
/// T = frames of a window, P = tokens of a frame, L = texts, M = `projectionSize`. Every function is a pure function of
/// the weights and its inputs and blocks the calling thread until it is done; any thread may call any of them.
///
///     let frames = pictures.map { model.embedFrame(rgb: $0, normalization: .imageNet) }   // once a frame
///     let text = model.encodeText(tokenIDs)                                               // once a text
///     let logits = model.logitsPerVideo(model.encodeVideo(frames), text)                  // once a window
///
/// For streams, ``embed(_:_:)``, ``encode(_:refresh:_:)`` and ``logitsPerVideo(_:_:_:)`` do the same in memory that is
/// kept, for several sources at once, and, where frames are asked to keep their layers, only in part.
public struct XCLIPModel: Sendable {
    public let configuration: Configuration
    let visionTransformer: VisionTransformer
    private let textModel: TextModel
    let promptGenerator: PromptGenerator
    private let mit: MultiframeIntegrationTransformer
    private let visualProjection: Linear
    private let promptsVisualLayerNorm: LayerNorm
    private let promptsVisualProjection: Linear
    /// `exp(logit_scale)`.
    private let scale: Float
    /// `1 / T` for each column of a frame's rows, `[1, D]`.
    private let frameShare: Matrix
    private let kernels: Kernels

    /// How many texts are prompted together: bounds the memory, whatever the number of texts.
    private static let textLimit = 512

    /// Copies all weights but the text encoder's, for which `weights` is kept.
    ///
    /// - Throws: The first tensor that is missing or of another shape or type.
    public init(
        weights: some WeightSource, configuration: Configuration, backend: ComputeBackend = ComputeBackend()
    ) throws(WeightError) {
        let (vision, size) = (configuration.vision, configuration.projectionSize)
        let root = WeightScope(weights, backend: backend)
        self.configuration = configuration
        self.kernels = backend.kernels
        let visionTransformer = try VisionTransformer(root.scoped("vision_model"), vision)
        self.textModel = try TextModel(root, configuration)
        self.mit = try MultiframeIntegrationTransformer(root.scoped("mit"), vision)
        self.visionTransformer = visionTransformer.fetching(self.mit.layers.first)
        self.promptGenerator = try PromptGenerator(root.scoped("prompts_generator"), configuration)
        self.visualProjection = try Linear(
            root.scoped("visual_projection"), inputs: vision.encoder.hiddenSize, outputs: size, bias: false)
        self.promptsVisualLayerNorm = try LayerNorm(
            root.scoped("prompts_visual_layernorm"), size: vision.encoder.hiddenSize,
            epsilon: vision.encoder.layerNormEpsilon)
        // The one projection that the checkpoint stores as [inputs, outputs].
        let projection = try root.matrix(
            "prompts_visual_projection", shape: [vision.encoder.hiddenSize, size], rows: vision.encoder.hiddenSize)
        self.promptsVisualProjection = Linear(weights: projection.transposed(), bias: nil, backend: backend)
        let share = [Float](repeating: 1 / Float(vision.frameCount), count: vision.encoder.hiddenSize)
        self.frameShare = Matrix(rows: 1, columns: vision.encoder.hiddenSize, elements: share)
        self.scale = Float(exp(Double(try root.scalar("logit_scale"))))
    }

    /// The part of the work that depends on one frame alone.
    ///
    /// - Parameter rgb: `[imageSize, imageSize, 3]` bytes.
    public func embedFrame(rgb: Span<UInt8>, normalization: PixelNormalization) -> FrameState {
        let (workspace, state) = (ModelWorkspace(self), self.makeFrameState(keepsLayers: false))
        self.take(rgb: rgb, normalization: normalization, as: 0, of: 1, workspace)
        self.embed([state], workspace)
        return state
    }

    /// As ``embedFrame(rgb:normalization:)``, from values that are normalised already.
    ///
    /// - Parameter pixelValues: `[3, imageSize, imageSize]` (HF: `pixel_values`).
    public func embedFrame(pixelValues: Span<Float>) -> FrameState {
        let (edge, patch) = (self.configuration.vision.imageSize, self.configuration.vision.patchSize)
        let (workspace, state) = (ModelWorkspace(self), self.makeFrameState(keepsLayers: false))
        let patches = workspace.patches(of: 1)
        self.kernels.patches(
            planes: pixelValues, height: edge, width: edge, patch: patch, into: patches.staged(0..<patches.rows))
        patches.commit(0..<patches.rows)
        self.embed([state], workspace)
        return state
    }

    /// The part of the work in which the frames of a window meet, exactly.
    ///
    /// - Parameter frames: As many as the configuration's `frameCount`, oldest first.
    public func encodeVideo(_ frames: [FrameState]) -> VideoFeatures {
        self.encode([frames], refresh: .all, ModelWorkspace(self))[0]
    }

    /// Memory for what the model knows of a frame.
    ///
    /// - Parameter keepsLayers: Whether later windows may refresh a part of the frame's rows; `false` for exact windows
    ///   only, for a small part of the memory. What is kept is as exact as the model's products: floats, or bfloat16.
    public func makeFrameState(keepsLayers: Bool) -> FrameState {
        FrameState(self.configuration, keepsLayers: keepsLayers, format: self.visionTransformer.keyValueFormat)
    }

    /// Cuts a picture into the patches that ``embed(_:_:)`` is to take up.
    ///
    /// - Parameters:
    ///   - rgb: `[imageSize, imageSize, 3]` bytes.
    ///   - index: The picture's place among those that are embedded together.
    ///   - count: How many these are; the same for all of them.
    public func take(
        rgb: Span<UInt8>, normalization: PixelNormalization, as index: Int, of count: Int, _ workspace: ModelWorkspace
    ) {
        let vision = self.configuration.vision
        let patches = workspace.patches(of: count)
        let (edge, own) = (vision.imageSize, index * vision.patchCount..<(index + 1) * vision.patchCount)
        let table = normalization.lookupTable()
        self.kernels.patches(
            rgb: rgb, height: edge, width: edge, patch: vision.patchSize, table: table.span,
            into: patches.staged(own))
        patches.commit(own)
    }

    /// Embeds frames of any sources together.
    ///
    /// - Parameter states: One for each picture that the workspace has taken, in their order; what they held before is
    ///   gone.
    public func embed(_ states: [FrameState], _ workspace: ModelWorkspace) {
        self.embed(states, workspace, trace: nil)
    }

    package func embed(_ states: [FrameState], _ workspace: ModelWorkspace, trace: Trace?) {
        self.visionTransformer.embed(states, workspace, trace: trace)
    }

    /// Encodes windows of any sources together, as far as `refresh` says.
    ///
    /// A frame that keeps its layers and was part of an earlier window is computed anew in part; all others as a whole.
    ///
    /// - Parameter windows: Each of as many frames as the configuration's `frameCount`, oldest first; a frame may
    ///   stand several times in one window, but not in two windows.
    public func encode(
        _ windows: [[FrameState]], refresh: Refresh, _ workspace: ModelWorkspace
    ) -> [VideoFeatures] {
        self.encode(windows, refresh: refresh, workspace, trace: nil)
    }

    package func encode(
        _ windows: [[FrameState]], refresh: Refresh, _ workspace: ModelWorkspace, trace: Trace?
    ) -> [VideoFeatures] {
        let vision = self.configuration.vision
        for window in windows {
            precondition(window.count == vision.frameCount, "\(window.count) frames in a window")
        }
        let plan = RefreshPlan(windows, refresh: refresh, tokens: vision.tokenCount)
        self.visionTransformer.encode(plan, workspace, trace: trace)
        self.keepFeatures(plan, workspace, trace: trace)
        return self.videoFeatures(windows, workspace, trace: trace)
    }

    /// What the windows need of each frame after the last layer.
    private func keepFeatures(_ plan: RefreshPlan, _ workspace: ModelWorkspace, trace: Trace?) {
        guard plan.rowCount > 0 else { return }
        let frames = 0..<plan.frames.count
        let windowScratch = workspace.scratch(windows: plan.windows.count)
        let (pooled, projected) = (windowScratch.pooled, windowScratch.projected)
        self.visionTransformer.pool(plan, workspace, into: pooled)
        trace?("vision.pooled", pooled.floats(frames))
        self.visualProjection.apply(to: pooled, rows: frames, into: projected.mutableView.rows(frames))
        trace?("vision.projected", projected.view.rows(frames))
        let scratch = workspace.scratch(rows: plan.rowCount, frames: plan.frames.count)
        let rows = 0..<plan.rowCount
        self.promptsVisualLayerNorm.apply(
            to: scratch.x.view.rows(rows), into: scratch.layer.queries.mutableView.rows(rows))
        for (number, frame) in plan.frames.enumerated() {
            frame.state.projected.copy(from: projected.view.rows(number..<number + 1))
            frame.scatter(scratch.layer.queries, into: frame.state.visual, self.kernels)
        }
    }

    /// The windows together, so that the weights are read once.
    private func videoFeatures(
        _ windows: [[FrameState]], _ workspace: ModelWorkspace, trace: Trace?
    ) -> [VideoFeatures] {
        guard !windows.isEmpty else { return [] }
        let scratch = workspace.scratch(windows: windows.count)
        let (length, patches) = (self.configuration.vision.frameCount, self.configuration.vision.patchCount)
        var frames = MatrixBuffer(rows: windows.count * length, columns: self.configuration.projectionSize)
        for (row, state) in windows.joined().enumerated() {
            let projected = state.projected
            frames.mutableView.rows(row..<row + 1).copy(from: projected.view)
        }
        let frameFeatures = Matrix(frames)
        var videos = self.mit.apply(
            to: frameFeatures.view, scratch.integration, &workspace.results.integrated, trace: trace)
        trace?("mit.pooled", videos.view)
        self.kernels.l2Normalize(videos.mutableView)
        let video = Matrix(videos)
        self.averagePatches(windows, scratch)
        let (visual, rows) = (scratch.visual, 0..<windows.count * patches)
        trace?("prompts.visual", visual.view.rows(rows))
        let contexts = self.promptGenerator.contexts(
            visual.view.rows(rows), normed: scratch.normed, into: &workspace.results.contexts)
        return contexts.enumerated().map { number, context in
            VideoFeatures(
                frames: frameFeatures.selecting(Array(number * length..<(number + 1) * length)),
                video: video.selecting([number]), prompts: context)
        }
    }

    /// Scratch memory for what follows the vision encoder, of so many windows.
    func makeScratch(windows: Int) -> WindowScratch {
        let vision = self.configuration.vision
        let (frames, patches) = (windows * vision.frameCount, windows * vision.patchCount)
        return WindowScratch(
            windows: windows, pooled: self.visualProjection.makeOperand(rows: frames),
            projected: ScratchMatrix(rows: frames, columns: self.configuration.projectionSize),
            integration: self.mit.makeWorkspace(windows: windows),
            means: self.promptsVisualProjection.makeOperand(rows: patches),
            visual: ScratchMatrix(rows: patches, columns: self.configuration.projectionSize),
            normed: self.promptGenerator.makeOperand(rows: patches))
    }

    /// One row a text, to be kept as long as the text is wanted.
    ///
    /// - Parameter tokenIDs: For each text, ids that ``Configuration/Text/accepts(_:)``, with the end token. What
    ///   follows the end token is not looked at.
    /// - Throws: When the weights of the text encoder, which are read for it, can't be read any more.
    public func encodeText(_ tokenIDs: [[Int32]]) throws(WeightError) -> TextFeatures {
        try self.encodeText(tokenIDs, trace: nil)
    }

    package func encodeText(_ tokenIDs: [[Int32]], trace: Trace?) throws(WeightError) -> TextFeatures {
        var encoding = self.textEncoding(tokenIDs, trace: trace)
        while try encoding.step() {}
        return encoding.features
    }

    /// As ``encodeText(_:)``, in steps between which the caller may do something else.
    public func textEncoding(_ tokenIDs: [[Int32]]) -> TextEncoding { self.textEncoding(tokenIDs, trace: nil) }

    private func textEncoding(_ tokenIDs: [[Int32]], trace: Trace?) -> TextEncoding {
        TextEncoding(tokenIDs, self.textModel, projectionSize: self.configuration.projectionSize, trace: trace)
    }

    /// How well each text describes the window (HF: `logits_per_video`); comparable within one window.
    ///
    /// - Returns: L logits, in the order of the texts. A logit does not depend on the other texts.
    public func logitsPerVideo(_ video: VideoFeatures, _ text: TextFeatures) -> [Float] {
        self.logitsPerVideo([video], text, ModelWorkspace(self))[0]
    }

    /// As for one video, for several together, which costs less.
    ///
    /// - Parameter workspace: Nobody else's meanwhile.
    /// - Returns: For each video the logits of the texts.
    public func logitsPerVideo(
        _ videos: [VideoFeatures], _ text: TextFeatures, _ workspace: ModelWorkspace
    ) -> [[Float]] {
        guard !videos.isEmpty else { return [] }
        var logits = [[Float]](repeating: [], count: videos.count)
        let step = max(1, Self.textLimit / max(1, videos.count))
        for first in stride(from: 0, to: text.count, by: step) {
            let texts = first..<min(first + step, text.count)
            let prompted = self.promptedText(videos, text.rows.view.rows(texts), workspace)
            for (number, video) in videos.enumerated() {
                var part = MatrixBuffer(rows: texts.count, columns: 1)
                let own = number * texts.count..<(number + 1) * texts.count
                self.kernels.dots(
                    prompted.view.rows(own), video.video.view, scale: self.scale, into: part.mutableView)
                logits[number] += part.view.elements
            }
        }
        return logits
    }

    /// The texts as this video changes them, `[L, M]`, each of length 1 (HF: `text_embeds`).
    package func promptedText(_ video: VideoFeatures, _ text: TextFeatures, trace: Trace? = nil) -> Matrix {
        Matrix(self.promptedText([video], text.rows.view, ModelWorkspace(self), trace: trace))
    }

    /// - Returns: The texts of one video after the other, `[videos * L, M]`.
    private func promptedText(
        _ videos: [VideoFeatures], _ text: MatrixView, _ workspace: ModelWorkspace, trace: Trace? = nil
    ) -> MatrixBuffer {
        var prompted = self.promptGenerator.prompt(text, videos.map(\.prompts), workspace, trace: trace)
        self.kernels.l2Normalize(prompted.mutableView)
        return prompted
    }

    /// Each patch position's mean over the frames, in the common space, into the first rows of the scratch `visual`,
    /// `[windows * (P - 1), M]`.
    ///
    /// The projection is linear, so the mean is taken before it: one frame's worth of products instead of T.
    private func averagePatches(_ windows: [[FrameState]], _ scratch: WindowScratch) {
        let patches = 1..<self.configuration.vision.tokenCount
        let (rows, means, average) = (0..<windows.count * patches.count, scratch.means, scratch.visual)
        means.staged(rows).clear()
        for (number, window) in windows.enumerated() {
            let own = number * patches.count..<(number + 1) * patches.count
            for state in window {
                let visual = state.visual
                self.kernels.add(
                    visual.view.rows(patches), scaledBy: self.frameShare.view, to: means.staged(own))
            }
        }
        means.commit(rows)
        self.promptsVisualProjection.apply(to: means, rows: rows, into: average.mutableView.rows(rows))
    }
}
