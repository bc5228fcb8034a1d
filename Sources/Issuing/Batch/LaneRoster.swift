/// Which readers have a lane: one at a time, whatever the watch of readers says.
///
/// After the PC/SC service was away for a while a reader may be told as gone and come again while its lane still waits through that. A
/// second lane would take the card out of the first one's hand; it begins when the first has ended.
struct LaneRoster {
    private var running: Set<String>
    private var waiting: [String: any CardLane] = [:]

    /// The lanes that run from the first, by their readers' names.
    init(_ names: [String]) { running = Set(names) }

    /// Whether no lane runs.
    var isEmpty: Bool { running.isEmpty }

    /// Takes a lane that comes.
    ///
    /// - Returns: it, when it begins now; nil where its reader still has one.
    mutating func join(_ lane: any CardLane) -> (any CardLane)? {
        if running.insert(lane.name).inserted { return lane }
        waiting[lane.name] = lane
        return nil
    }

    /// Takes note that a lane has ended.
    ///
    /// - Returns: the lane of the same reader that begins in its place.
    mutating func end(_ name: String) -> (any CardLane)? {
        running.remove(name)
        return waiting.removeValue(forKey: name).flatMap { join($0) }
    }
}
