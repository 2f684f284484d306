import XCLIP

/// The states of one source's latest frames: a ring that is filled once and then used again and again.
///
/// Bound to the engine's thread.
final class FrameStateCache {
    private let model: XCLIPModel
    private let keepsLayers: Bool
    private let capacity: Int
    private var states: [FrameState] = []

    /// - Parameters:
    ///   - capacity: As many frames as windows to come may need.
    ///   - keepsLayers: Whether older frames will be refreshed in part.
    init(_ model: XCLIPModel, capacity: Int, keepsLayers: Bool) {
        self.model = model
        self.keepsLayers = keepsLayers
        self.capacity = capacity
    }

    /// The state of a frame by its number; the state of the frame `capacity` before it is gone.
    ///
    /// - Parameter number: Counts the source's frames from 0, without leaving any out.
    func state(ofFrame number: Int) -> FrameState {
        let slot = number % self.capacity
        while self.states.count <= slot {
            self.states.append(self.model.makeFrameState(keepsLayers: self.keepsLayers))
        }
        return self.states[slot]
    }
}
