import FoundationEssentials
import GerundCheckpoint
public import GerundCore
import GerundEvents
public import GerundStream
public import GerundTensor
package import XCLIP

/// A model that is loaded from a directory: everything that turns images and texts into logits.
public struct RecognitionModel: Sendable {
    /// The model's name in records.
    public let name: String
    /// `sha256:` followed by the digest of the weights' file, which identifies the weights that made a log.
    public let checksum: String
    /// The members of the model's `gerund.json`; `nil` if it has none.
    public let settings: JSONObject?
    /// The path of the model's `gerund.json`, whether or not the file exists.
    public let settingsPath: String
    /// The format of the images that the model takes.
    public let inputFormat: FrameFormat
    /// The number of frames per window (HF: `num_frames`).
    public let frameCount: Int
    /// The precision of the matrix multiplications.
    public let precision: Precision
    /// The number of tokens per frame in the vision encoder: its patches and the class token.
    package var tokensPerFrame: Int { self.model.configuration.vision.tokenCount }
    /// The kernels and matrix multiplications of the model, and the number of their threads.
    let backend: ComputeBackend

    /// The number of parameters below which one thread is the default of oneDNN and OpenBLAS: the matrix multiplications
    /// of a small model end before a second thread of theirs has woken up, and synchronizing costs more than it gains.
    ///
    /// The workers of ``NativeMatmul`` spin before they sleep, and make small models faster as well.
    private static let singleThreadParameterLimit = 20_000_000

    package let model: XCLIPModel
    package let tokenizer: CLIPTokenizer
    package let normalization: PixelNormalization

    /// Returns the default number of threads of a model.
    static func defaultThreadCount(parameterCount: Int, isNative: Bool) -> Int {
        isNative || parameterCount >= Self.singleThreadParameterLimit ? ThreadPool.availableCoreCount : 1
    }

    /// Loads a model directory in Hugging Face format, and checks that its files fit together.
    ///
    /// Blocks the calling thread until the files have been read.
    ///
    /// - Parameters:
    ///   - path: The path of the directory.
    ///   - precision: The precision of the matrix multiplications. The default is float32.
    ///   - threads: The number of threads of the matrix multiplications. The default is one per available core; where
    ///     oneDNN or OpenBLAS multiplies, one for a model with fewer than 20 million parameters.
    /// - Throws: ``ModelError`` for the first file or tensor that is missing or invalid, with its name.
    public init(path: String, precision: Precision = .f32, threads: Int? = nil) throws(ModelError) {
        let directory = try ModelError.wrapping(.modelDirectory) { () throws(CheckpointError) in
            try ModelDirectory(path: path)
        }
        let configuration = try ModelError.wrapping(.configuration, subject: directory.configurationPath) {
            () throws(XCLIPConfigurationError) in try XCLIPConfiguration(json: directory.configuration)
        }
        let processor = try ModelError.wrapping(.imageProcessor, subject: directory.preprocessorPath) {
            () throws(ImageProcessorError) in
            if let json = directory.preprocessor {
                try ImageProcessor(json: json)
            } else {
                try ImageProcessor(imageSize: configuration.vision.imageSize)
            }
        }
        let backend = try Self.backend(
            for: precision,
            threads: threads
                ?? Self.defaultThreadCount(
                    parameterCount: configuration.parameterCount, isNative: ComputeBackend.isNative(precision)))
        // Takes half as long as loading does and is independent of it.
        let checksum = BackgroundResult { () throws(CheckpointError) in try directory.weights.checksum() }
        do throws(ModelError) {
            self.inputFormat = try Self.inputFormat(
                of: processor, for: configuration, path: directory.preprocessorPath)
            self.tokenizer = try Self.tokenizer(directory.tokenizer, for: configuration)
            self.model = try ModelError.wrapping(.weights) { () throws(WeightError) in
                try XCLIPModel(weights: directory.weights, configuration: configuration, backend: backend)
            }
        } catch {
            // A thread that outlived the call could use OpenSSL while the process ends, which crashes.
            _ = try? checksum.wait()
            throw error
        }
        self.name = directory.name
        self.settings = directory.settings
        self.settingsPath = directory.settingsPath
        self.normalization = processor.normalization
        self.frameCount = configuration.vision.frameCount
        self.precision = precision
        self.backend = backend
        self.checksum = try ModelError.wrapping(.modelDirectory) { () throws(CheckpointError) in try checksum.wait() }
    }

    /// The maximum memory of the frame states of one source, in bytes: 2 GiB.
    ///
    /// A window and rate that exceed it are a mistake rather than a wish: the model's own window at 4 windows per
    /// second takes about 120 MB with `xclip-base-patch32` in float32.
    public static let maximumBytesPerSource = 2 << 30

    /// Checks that windows fit the model and the memory limit of a source.
    ///
    /// - Parameters:
    ///   - plan: The length and spacing of the windows.
    ///   - mode: The mode in which windows are computed. All modes but `exact` cache the encoder layers of each frame.
    /// - Throws: ``ModelError`` with the code `invalidSetting` if the plan is for another number of frames, or
    ///   `memoryLimit` if the frame states of a source exceed ``maximumBytesPerSource``.
    public func validate(_ plan: SamplingPlan, mode: RecognitionMode) throws(ModelError) {
        guard plan.frameCount == self.frameCount else {
            throw ModelError(
                code: .invalidSetting,
                message: "windows of \(plan.frameCount) frames don't fit a model of \(self.frameCount)")
        }
        let frameBytes = self.model.makeFrameState(cachesLayers: mode != .exact).byteCount
        let (bytes, overflow) = plan.frameCapacity.multipliedReportingOverflow(by: frameBytes)
        guard !overflow, bytes <= Self.maximumBytesPerSource else {
            let megabytes = (Double(plan.frameCapacity) * Double(frameBytes) / 1e6).fixed(0)
            throw ModelError(
                code: .memoryLimit,
                message:
                    "the \(plan.frameCapacity) frames of these windows take \(megabytes) MB per source, the limit is "
                    + "\(Self.maximumBytesPerSource / 1_000_000) MB: choose a lower rate"
                    + (mode == .exact ? " or a shorter window" : ", a shorter window or exact mode"))
        }
    }

    static func backend(for precision: Precision, threads: Int) throws(ModelError) -> ComputeBackend {
        guard let backend = ComputeBackend.fastest(precision, threads: threads) else {
            throw ModelError(
                code: .precision,
                message: "\(precision) isn't supported on this CPU (or by this build): use --precision f32")
        }
        return backend
    }

    private static func inputFormat(
        of processor: ImageProcessor, for configuration: XCLIPConfiguration, path: String
    ) throws(ModelError) -> FrameFormat {
        guard let format = processor.frameFormat else {
            throw ModelError(
                code: .imageProcessor, subject: path,
                message: "unsupported preprocessing: only shortest-edge resize and center crop are supported")
        }
        let size = configuration.vision.imageSize
        guard format.cropSize == PixelSize(square: size) else {
            throw ModelError(
                code: .imageProcessor, subject: path,
                message: "crop_size \(format.cropSize) doesn't match the model's image_size \(size)")
        }
        return format
    }

    private static func tokenizer(
        _ files: TokenizerFiles, for configuration: XCLIPConfiguration
    ) throws(ModelError) -> CLIPTokenizer {
        let defaults = CLIPTokenizer.SpecialTokens()
        let tokens = CLIPTokenizer.SpecialTokens(
            bos: files.bosToken ?? defaults.bos, eos: files.eosToken ?? defaults.eos,
            unk: files.unknownToken ?? defaults.unk,
            pad: files.paddingToken ?? defaults.pad)
        let positions = configuration.text.positionCount
        let tokenizer = try ModelError.wrapping(.tokenizer, subject: files.path) { () throws(TokenizerError) in
            try CLIPTokenizer(
                vocabulary: files.vocabulary, merges: files.merges, specialTokens: tokens,
                maximumLength: min(files.maximumLength ?? positions, positions))
        }
        let rows = configuration.text.vocabularySize
        guard tokenizer.vocabularySize <= rows else {
            throw ModelError(
                code: .tokenizer, subject: files.path,
                message: "has \(tokenizer.vocabularySize) token ids, the model has embeddings of \(rows)")
        }
        return tokenizer
    }
}
