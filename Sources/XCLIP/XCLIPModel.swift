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
public struct XCLIPModel: Sendable {
    public let configuration: Configuration
    let visionTransformer: VisionTransformer
    let textTransformer: TextTransformer
    let promptGenerator: PromptGenerator
    private let mit: MultiframeIntegrationTransformer
    private let visualProjection, textProjection: Linear
    private let promptsVisualLayerNorm: LayerNorm
    private let promptsVisualProjection: Linear
    /// `exp(logit_scale)`.
    private let scale: Float
    private let kernels: Kernels

    /// How many texts are prompted together: bounds the memory, whatever the number of texts.
    private static let textLimit = 512

    /// Copies all weights out of `weights`.
    ///
    /// - Throws: The first tensor that is missing or of another shape or type.
    public init(
        weights: some WeightSource, configuration: Configuration, backend: ComputeBackend = ComputeBackend()
    ) throws(WeightError) {
        let (vision, size) = (configuration.vision, configuration.projectionSize)
        let root = WeightScope(weights, backend: backend)
        self.configuration = configuration
        self.kernels = backend.kernels
        self.visionTransformer = try VisionTransformer(root.scoped("vision_model"), vision)
        self.textTransformer = try TextTransformer(root.scoped("text_model"), configuration.text)
        self.mit = try MultiframeIntegrationTransformer(root.scoped("mit"), vision)
        self.promptGenerator = try PromptGenerator(root.scoped("prompts_generator"), configuration)
        self.visualProjection = try Linear(
            root.scoped("visual_projection"), inputs: vision.encoder.hiddenSize, outputs: size, bias: false)
        self.textProjection = try Linear(
            root.scoped("text_projection"), inputs: configuration.text.encoder.hiddenSize, outputs: size, bias: false)
        self.promptsVisualLayerNorm = try LayerNorm(
            root.scoped("prompts_visual_layernorm"), size: vision.encoder.hiddenSize,
            epsilon: vision.encoder.layerNormEpsilon)
        // The one projection that the checkpoint stores as [inputs, outputs].
        let projection = try root.matrix(
            "prompts_visual_projection", shape: [vision.encoder.hiddenSize, size], rows: vision.encoder.hiddenSize)
        self.promptsVisualProjection = Linear(weights: projection.transposed(), bias: nil, backend: backend)
        self.scale = Float(exp(Double(try root.scalar("logit_scale"))))
    }

    /// The part of the work that depends on one frame alone.
    ///
    /// - Parameter rgb: `[imageSize, imageSize, 3]` bytes.
    public func embedFrame(rgb: Span<UInt8>, normalization: PixelNormalization) -> FrameEmbedding {
        let (edge, patch) = (self.configuration.vision.imageSize, self.configuration.vision.patchSize)
        var patches = self.makePatches()
        let table = normalization.lookupTable()
        self.kernels.patches(
            rgb: rgb, height: edge, width: edge, patch: patch, table: table.span, into: patches.mutableView)
        return self.visionTransformer.embed(patches.view)
    }

    /// As ``embedFrame(rgb:normalization:)``, from values that are normalised already.
    ///
    /// - Parameter pixelValues: `[3, imageSize, imageSize]` (HF: `pixel_values`).
    public func embedFrame(pixelValues: Span<Float>) -> FrameEmbedding {
        let (edge, patch) = (self.configuration.vision.imageSize, self.configuration.vision.patchSize)
        var patches = self.makePatches()
        self.kernels.patches(
            planes: pixelValues, height: edge, width: edge, patch: patch, into: patches.mutableView)
        return self.visionTransformer.embed(patches.view)
    }

    /// The part of the work in which the frames of a window meet.
    ///
    /// - Parameter frames: As many as the configuration's `frameCount`, oldest first.
    public func encodeVideo(_ frames: [FrameEmbedding]) -> VideoFeatures {
        self.encodeVideo(frames, trace: nil)
    }

    package func encodeVideo(_ frames: [FrameEmbedding], trace: Trace?) -> VideoFeatures {
        let vision = self.configuration.vision
        precondition(frames.count == vision.frameCount, "\(frames.count) frames in a window of \(vision.frameCount)")
        let rows = self.visionTransformer.encode(frames, trace: trace)
        let pooled = self.visionTransformer.pool(rows.view)
        trace?("vision.pooled", pooled.view)
        let frameFeatures = Matrix(self.visualProjection(pooled.view))
        trace?("vision.projected", frameFeatures.view)

        var video = self.mit(frameFeatures.view, trace: trace)
        trace?("mit.pooled", video.view)
        self.kernels.l2Normalize(video.mutableView)

        let visual = self.patchMeans(rows.view)
        trace?("prompts.visual", visual.view)
        return VideoFeatures(
            frames: frameFeatures, video: Matrix(video), prompts: self.promptGenerator.context(visual.view))
    }

    /// One row a text, to be kept as long as the text is wanted.
    ///
    /// - Parameter tokenIDs: For each text, ids that ``Configuration/Text/accepts(_:)``, with the end token. What
    ///   follows the end token is not looked at.
    public func encodeText(_ tokenIDs: [[Int32]]) -> TextFeatures {
        self.encodeText(tokenIDs, trace: nil)
    }

    package func encodeText(_ tokenIDs: [[Int32]], trace: Trace?) -> TextFeatures {
        let pooled = self.textTransformer(tokenIDs, trace: trace)
        trace?("text.pooled", pooled.view)
        return TextFeatures(rows: Matrix(self.textProjection(pooled.view)))
    }

    /// How well each text describes the window (HF: `logits_per_video`); comparable within one window.
    ///
    /// - Returns: L logits, in the order of the texts. A logit does not depend on the other texts.
    public func logitsPerVideo(_ video: VideoFeatures, _ text: TextFeatures) -> [Float] {
        var logits = MatrixBuffer(rows: text.count, columns: 1)
        var first = 0
        while first < text.count {
            let texts = first..<min(first + Self.textLimit, text.count)
            let prompted = self.promptedText(video, text.rows.view.rows(texts))
            self.kernels.dots(prompted.view, video.video.view, scale: self.scale, into: logits.mutableView.rows(texts))
            first = texts.upperBound
        }
        return logits.view.elements
    }

    /// The texts as this video changes them, `[L, M]`, each of length 1 (HF: `text_embeds`).
    package func promptedText(_ video: VideoFeatures, _ text: TextFeatures, trace: Trace? = nil) -> Matrix {
        Matrix(self.promptedText(video, text.rows.view, trace: trace))
    }

    private func promptedText(_ video: VideoFeatures, _ text: MatrixView, trace: Trace? = nil) -> MatrixBuffer {
        var prompted = self.promptGenerator.prompt(text, video.prompts, trace: trace)
        self.kernels.l2Normalize(prompted.mutableView)
        return prompted
    }

    /// Each patch position's mean over the frames, in the common space.
    ///
    /// The projection is linear, so the mean is taken before it: one frame's worth of products instead of T.
    ///
    /// - Parameter rows: `[T * P, D]` after the last layer.
    /// - Returns: `[P - 1, M]`.
    private func patchMeans(_ rows: MatrixView) -> MatrixBuffer {
        let tokens = self.configuration.vision.tokenCount
        let normed = self.promptsVisualLayerNorm(rows)
        var means = MatrixBuffer(rows: tokens - 1, columns: rows.columns)
        for patch in 1..<tokens {
            self.kernels.meanRows(
                normed.view.rows(from: patch, by: tokens), into: means.mutableView.rows(patch - 1..<patch))
        }
        return self.promptsVisualProjection(means.view)
    }

    private func makePatches() -> MatrixBuffer {
        let vision = self.configuration.vision
        return MatrixBuffer(rows: vision.patchCount, columns: 3 * vision.patchSize * vision.patchSize)
    }
}
