"""Every table of the project, for comparing the schema with the code."""

import omni2.access.models
import omni2.catalog.models
import omni2.conversations.models
import omni2.flows.models
import omni2.identity.models
import omni2.kernel.journal
import omni2.kernel.lease
import omni2.live.models
import omni2.usage.models  # noqa: F401
from omni2.kernel.columns import Base

metadata = Base.metadata
