import ServiceLifecycle

/// Keeps the service until the cards that are being made are whole: a stop in the midst would tear them.
///
/// The server stops before it, so that no request comes any more; the keys are closed after it.
struct IssueRunsEnd: Service {
    let runs: IssueRuns

    /// Waits for the service's end, then for the last card.
    func run() async throws {
        do {
            try await gracefulShutdown()
        } catch {
            await finish()
            throw error
        }
        await finish()
    }

    private func finish() async {
        runs.close()
        await runs.allEnded()
    }
}
