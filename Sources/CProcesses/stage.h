#ifndef SLUICE_STAGE_H
#define SLUICE_STAGE_H

#include "CProcesses.h"

/// Enters the stage; runs between clone and exec. 0, or -1 with errno and the step.
int sluice_stage_enter(const struct sluice_stage *stage, const char **step);

#endif
