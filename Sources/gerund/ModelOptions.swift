import ArgumentParser
import GerundCheckpoint
import GerundEngine
import GerundStream
import GerundTensor

/// Which model, and what it is to recognize.
struct ModelOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A model folder in Hugging Face format. Default: the demo model that comes with Gerund.",
            valueName: "folder"))
    var model: String?

    @Option(
        name: .customLong("label"),
        help: ArgumentHelp(
            "Recognize this; any text. May be repeated. Default: the model's own labels.", valueName: "text"))
    var labels: [String] = []

    @Option(
        name: .customLong("labels"),
        help: ArgumentHelp("Recognize what this file lists: one label per line, # comments.", valueName: "file"))
    var labelFile: String?

    @Option(
        help: ArgumentHelp(
            "What it looks like when nothing of that happens. May be repeated.", valueName: "text"))
    var background: [String] = []

    @Option(
        help: ArgumentHelp(
            "The time that one window of frames covers. Default: the model's own, else 8.", valueName: "seconds"))
    var span: Double?

    @Option(
        help: ArgumentHelp(
            "Windows per second. Default: the model's own, else one per frame of a window.", valueName: "windows"))
    var rate: Double?

    @Option(
        help: """
            The number format of the matrix products; bf16 is faster where the processor has it. Default: f32.
            """)
    var precision: PrecisionOption?

    @Option(
        help: ArgumentHelp(
            "Threads of the matrix products. Default: one for each core; one for a small model.", valueName: "count"))
    var threads: Int?

    func validate() throws {
        if let threads, !(1...1024 ~= threads) {
            throw ValidationError("--threads has to be from 1 to 1024, not \(threads).")
        }
        if let span, !(span >= 0.1 && span <= 3600) {
            throw ValidationError("--span has to be from 0.1 to 3600 seconds, not \(span).")
        }
        if let rate, !(rate > 0 && rate <= 60) {
            throw ValidationError("--rate has to be above 0 and at most 60 windows per second, not \(rate).")
        }
    }

    /// The number format that the options ask for.
    var wantedPrecision: Precision { (self.precision ?? .f32).precision }

    /// - Parameter precision: Another than the options'.
    /// - Throws: ``CommandFailure`` with the exit code for models.
    func loadModel(precision: Precision? = nil) throws -> RecognitionModel {
        guard let path = self.model ?? DemoModel.path else {
            throw CommandFailure(
                status: .noModel,
                message: "the demo model is not beside the program: name a model folder with --model")
        }
        return try Self.orNoModel { () throws(ModelError) in
            try RecognitionModel(path: path, precision: precision ?? self.wantedPrecision, threads: self.threads)
        }
    }

    func labelSet(for model: RecognitionModel) throws -> LabelSet {
        try Self.orNoModel { () throws(ModelError) in
            let listed = if let labelFile { try LabelFile.read(path: labelFile) } else { [String]() }
            return try LabelSet(labels: self.labels + listed, background: self.background, for: model)
        }
    }

    /// - Throws: ``CommandFailure`` `usage` when the windows would need more frames than memory should hold.
    func windowPlan(for model: RecognitionModel) throws -> WindowPlan {
        let span = self.span.map { Duration.seconds($0) } ?? model.defaults.span ?? .seconds(8)
        let plan = WindowPlan(frameCount: model.frameCount, span: span, rate: self.rate ?? model.defaults.rate)
        let frames = plan.phases * plan.frameCount
        guard frames <= Self.keptFrameLimit else {
            throw CommandFailure(
                status: .usage,
                message:
                    "--span and --rate together keep \(frames) frames at a time, more than \(Self.keptFrameLimit): "
                    + "lower one of them")
        }
        return plan
    }

    /// Some hundreds of megabytes with a model of the usual size.
    private static let keptFrameLimit = 4096

    /// - Throws: ``CommandFailure``, also for labels.
    static func orNoModel<R>(_ body: () throws(ModelError) -> R) throws -> R {
        do {
            return try body()
        } catch {
            throw CommandFailure(status: .noModel, message: "\(error)")
        }
    }
}
