// What housekeeping counts, and the name it logs under. Of this room's insides.
#pragma once

#include "penstock/ports/metrics.hpp"
#include "sinks/store/maintenance.hpp"

namespace penstock::sinks {

inline constexpr const char* kMaintenanceRoom = "sinks";

struct Maintenance::Instruments {
  explicit Instruments(MetricsRegistry& metrics)
      : merged(metrics.counter("penstock_compaction_inputs_total", "Chunks merged into larger ones.")),
        outputs(metrics.counter("penstock_compaction_outputs_total", "Chunks that merging made.")),
        merged_bytes(metrics.counter("penstock_compaction_bytes_total", "Payload bytes read for merging.")),
        resealed(metrics.counter("penstock_resealed_chunks_total", "Chunks sealed anew since their data key was replaced.")),
        rewritten(metrics.counter("penstock_deletion_chunks_total", "Chunks looked through for a deletion.")),
        deleted(metrics.counter("penstock_deletion_records_total", "Records taken out of chunks for a deletion.")),
        closed(metrics.counter("penstock_deletions_closed_total", "Deletions carried out to the end.")),
        open(metrics.gauge("penstock_deletions_open", "Deletions still to be carried out.")),
        held(metrics.gauge("penstock_deletions_held", "Open deletions that wait because a chunk they may be about is damaged.")),
        unreadable(metrics.gauge("penstock_deletions_unreadable", "Open deletions that cannot be understood.")),
        expired_chunks(metrics.counter("penstock_retention_chunks_total", "Chunks dropped by retention.")),
        expired_bytes(metrics.counter("penstock_retention_bytes_total", "Bytes of chunks dropped by retention.")),
        expired_records(metrics.counter("penstock_retention_records_total", "Records dropped by retention.")),
        early_records(metrics.counter("penstock_retention_early_records_total", "Records dropped before their age, since their deployment had more than its size.")),
        dead_letters(metrics.counter("penstock_dead_letters_dropped_total", "Dead letters dropped, the oldest first, since there were more than are kept.")),
        partitions(metrics.counter("penstock_retention_partitions_total", "Partitions dropped whole by retention.")),
        reclaimed(metrics.counter("penstock_store_reclaims_total", "Times that space of removed chunks was given back for new ones.")),
        errors(metrics.counter("penstock_maintenance_errors_total", "Rounds of housekeeping that failed.")),
        job_seconds(metrics.histogram("penstock_maintenance_job_seconds", "Duration of merging and rewriting jobs.")) {}

  Counter &merged, &outputs, &merged_bytes, &resealed, &rewritten, &deleted, &closed;
  Gauge &open, &held, &unreadable;
  Counter &expired_chunks, &expired_bytes, &expired_records, &early_records, &dead_letters, &partitions, &reclaimed, &errors;
  Histogram& job_seconds;
};

}  // namespace penstock::sinks
