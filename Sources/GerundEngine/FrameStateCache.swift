import XCLIP

/// The states of one source's latest frames, in a ring of reused memory.
///
/// A cache is used by the engine's thread only.
final class FrameStateCache {
    private let model: XCLIPModel
    private let cachesLayers: Bool
    private let capacity: Int
    private var states: [FrameState] = []

    /// Creates an empty cache.
    ///
    /// - Parameters:
    ///   - model: The model that the states belong to.
    ///   - capacity: The number of frames that later windows may need.
    ///   - cachesLayers: Whether older frames are refreshed in part.
    init(_ model: XCLIPModel, capacity: Int, cachesLayers: Bool) {
        self.model = model
        self.cachesLayers = cachesLayers
        self.capacity = capacity
    }

    /// Returns the state of a frame.
    ///
    /// - Parameter number: The index of the frame among the source's frames, from 0 without gaps.
    /// - Returns: The state, which replaces that of the frame `capacity` before.
    func state(ofFrame number: Int) -> FrameState {
        let slot = number % self.capacity
        while self.states.count <= slot {
            self.states.append(self.model.makeFrameState(cachesLayers: self.cachesLayers))
        }
        return self.states[slot]
    }
}
