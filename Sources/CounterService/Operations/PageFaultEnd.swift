import Registry
import ServiceLifecycle

/// Ends the service when a page of the registry's file is found broken: after a kill or a power cut they are looked at while it serves.
struct PageFaultEnd: Service {
    let registry: Registry

    /// Waits for the service's end; throws the fault before.
    func run() async throws {
        for await fault in registry.pageFaults.cancelOnGracefulShutdown() { throw fault }
        try await gracefulShutdown()
    }
}
