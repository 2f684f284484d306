import GerundStream
import GerundTensor
import XCLIP

/// Computes: the one place that runs the model, on a thread of its own.
///
/// An actor because all sources share one model and one set of cores; its jobs run in the order in which frames came.
actor InferenceEngine {
    private let executor: ThreadExecutor
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe self.executor.asUnownedSerialExecutor() }

    private let model: RecognitionModel
    private let labelCount: Int
    private let text: TextFeatures

    /// Encodes the labels' texts; takes as long as there are many.
    ///
    /// - Throws: ``ModelError`` `system` when there is no thread to be had.
    init(model: RecognitionModel, labels: LabelSet) async throws(ModelError) {
        guard let executor = ThreadExecutor(name: "inference") else {
            throw ModelError(code: .system, message: "the system refuses another thread: raise its limit")
        }
        self.executor = executor
        self.model = model
        self.labelCount = labels.labels.count
        self.text = await TextEncoder(executor: executor, model: model).encode(labels.texts)
    }

    /// The part of a frame's work that doesn't depend on the window, from the picture that the feed lends.
    func embed(_ feed: FrameFeed) -> FrameEmbedding {
        feed.withPixels { self.model.model.embedFrame(rgb: $0, normalization: self.model.normalization) }
    }

    /// - Parameter window: As many frames as the model takes, oldest first.
    /// - Returns: The logits of the labels, then of the background phrases.
    func logits(_ window: [FrameEmbedding]) -> [Float] {
        self.model.model.logitsPerVideo(self.model.model.encodeVideo(window), self.text)
    }
}

/// Encodes texts on the engine's thread before there is an engine.
private actor TextEncoder {
    private let executor: ThreadExecutor
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe self.executor.asUnownedSerialExecutor() }

    private let model: RecognitionModel

    init(executor: ThreadExecutor, model: RecognitionModel) {
        self.executor = executor
        self.model = model
    }

    /// Few texts at a time: bounds the memory.
    func encode(_ texts: [String]) -> TextFeatures {
        // Here, because the setting is that of the thread which computes.
        self.model.backend.setThreadCount(self.model.threads)
        let step = 32
        let parts = stride(from: 0, to: texts.count, by: step).map { start in
            let ids = texts[start..<min(start + step, texts.count)].map(self.model.tokenizer.encode)
            return self.model.model.encodeText(ids)
        }
        return parts.dropFirst().reduce(parts[0]) { $0.appending($1) }
    }
}
